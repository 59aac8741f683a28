import type { Authority } from '../certs/authority.ts';
import { writeMachineCertificates } from '../certs/machine-certs.ts';
import type { GuestWishes } from '../driver/contract.ts';
import { formatUserdata } from '../image/data-disk.ts';
import { formatProfile } from '../provision/engine-options.ts';
import { pinHostKey } from '../ssh/host-key-pins.ts';
import { createHostKeyPair, createUserKeyFiles } from '../ssh/keys.ts';
import { userName } from './authority.ts';
import { certificateRequest } from './certificates.ts';
import type { MachineContext } from './context.ts';
import { knownHostsFile } from './guest.ts';
import type { Machine } from './machine.ts';

/** What a seed is made from, beside the machine itself. */
export interface SeedSource {
  readonly context: MachineContext;
  readonly addresses: readonly string[];
  readonly wishes?: GuestWishes | undefined;
  readonly authority: Authority;
}

/**
 * Makes the user's key, issues the machine's certificates, makes and pins its SSH host key, and packs what the guest needs
 * for its first start. An image that takes no seed gets the authorized key alone.
 */
export async function makeSeedFor(machine: Machine, source: SeedSource): Promise<Uint8Array> {
  const { context, addresses, wishes, authority } = source;
  const { directory } = machine.files;
  const request = certificateRequest(machine, { user: userName(context), addresses });
  const userKey = await createUserKeyFiles(directory, machine.name);
  const server = await writeMachineCertificates(directory, authority, request);
  if (machine.bootImage()?.takesSeed === false) return formatUserdata({ authorizedKey: userKey.publicKey });
  const sshHostKey = await createHostKeyPair(machine.name);
  await pinHostKey(knownHostsFile(machine), sshHostKey.publicKey);
  return formatUserdata({
    hostname: machine.name,
    authorizedKey: userKey.publicKey,
    caCertificate: authority.ca.certPem,
    serverCertificate: server.certPem,
    serverKey: server.keyPem,
    profile: formatProfile({ options: machine.record.options.EngineOptions, driverName: machine.record.driverName }),
    sshHostKey,
    ...wishes,
  });
}
