import { join } from 'node:path';
import type { PairPaths } from './pair.ts';

/** Files named by the global options; an empty or missing member means the file in the certificates folder. */
interface CustomCertificateFiles {
  readonly caCert?: string | undefined;
  readonly caKey?: string | undefined;
  readonly clientCert?: string | undefined;
  readonly clientKey?: string | undefined;
}

/** Where the certificate authority and the client pair are. */
export interface AuthorityPaths {
  readonly folder: string;
  readonly ca: PairPaths;
  readonly client: PairPaths;
}

/** The files of docker-machine's certificates folder, or those the user names instead. */
export function authorityPaths(folder: string, custom: CustomCertificateFiles = {}): AuthorityPaths {
  return {
    folder,
    ca: {
      cert: custom.caCert || join(folder, 'ca.pem'),
      key: custom.caKey || join(folder, 'ca-key.pem'),
      isCustom: Boolean(custom.caCert || custom.caKey),
    },
    client: {
      cert: custom.clientCert || join(folder, 'cert.pem'),
      key: custom.clientKey || join(folder, 'key.pem'),
      isCustom: Boolean(custom.clientCert || custom.clientKey),
    },
  };
}
