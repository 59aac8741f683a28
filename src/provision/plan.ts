import type { ProfileSource } from './engine-options.ts';
import type { RecipeStep } from './recipe.ts';

/** PEM texts of the server side. */
export interface EngineCertificates {
  readonly ca: string;
  readonly serverCert: string;
  readonly serverKey: string;
}

/** What a guest is told apart from its certificates. */
export interface GuestPlan extends ProfileSource {
  readonly hostname: string;
  /** A folder that stands for the guest's root; empty in a real guest. */
  readonly root?: string | undefined;
  /** How long the daemon may take to listen, in seconds; 300 where missing. */
  readonly daemonTimeoutSeconds?: number | undefined;
}

/** What a guest is provisioned with. */
export interface ProvisionPlan extends GuestPlan {
  readonly certificates: EngineCertificates;
}

/** Titles of what happens in the guest, as docker-machine words them. */
export const titles = {
  copyingCerts: 'Copying certs to the remote machine',
  settingConfiguration: 'Setting Docker configuration on the remote daemon',
  installing: 'Installing Docker',
  restarting: 'Restarting docker',
} as const;

/** The server's certificates in the folder from which its daemon reads them. */
export function certificateFiles(plan: ProvisionPlan, folder: string): readonly RecipeStep[] {
  const { ca, serverCert, serverKey } = plan.certificates;
  return [
    { type: 'file', path: `${folder}/ca.pem`, content: ca, mode: 0o644 },
    { type: 'file', path: `${folder}/server.pem`, content: serverCert, mode: 0o644 },
    { type: 'file', path: `${folder}/server-key.pem`, content: serverKey, mode: 0o600 },
  ];
}
