import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { issueCertificate, planValidity } from '../../../src/certs/issue.ts';

/** A certificate with its key, as PEM, and the key itself for signing. */
export interface TestPair {
  readonly cert: string;
  readonly key: string;
  readonly privateKey: KeyObject;
}

/** What a test wants in a certificate; `madeAt` decides its dates. */
export interface TestCertificate {
  readonly usage: 'authority' | 'server' | 'client';
  readonly names?: readonly string[];
  readonly madeAt?: Date;
  readonly signer?: TestPair;
}

/** A certificate made by our own issuer, with an EC key because those are quick to make. */
export async function makeCertificate(wanted: TestCertificate): Promise<TestPair> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { signer } = wanted;
  const cert = await issueCertificate(
    {
      usage: wanted.usage,
      organization: `test ${wanted.usage}`,
      names: wanted.names ?? [],
      publicKey,
      serial: randomBytes(16),
      ...planValidity(wanted.madeAt ?? new Date()),
    },
    { privateKey: signer?.privateKey ?? privateKey, certificatePem: signer?.cert },
  );
  return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), privateKey };
}
