import { posix, win32 } from 'node:path';
import type { Environment } from '../host/environment.ts';

/** Every path under a storage directory, as docker-machine lays it out. */
export interface StoreLayout {
  readonly directory: string;
  readonly certs: CertificateFiles;
  /** Boot images. */
  readonly cache: string;
  /** What the Docker CLI of this computer said about itself. */
  readonly cliVersion: string;
  readonly locks: string;
  readonly logs: string;
  readonly machines: string;
  /** What `ls` saw last. */
  readonly lastSeen: string;
  machine(name: string): MachineFiles;
  lock(name: string): string;
}

/** The authority and the client pair that all machines of a store share. */
export interface CertificateFiles {
  readonly directory: string;
  readonly caCert: string;
  readonly caKey: string;
  readonly clientCert: string;
  readonly clientKey: string;
}

/** The files of one machine. */
export interface MachineFiles {
  readonly directory: string;
  readonly config: string;
  readonly configBackup: string;
  readonly caCert: string;
  readonly clientCert: string;
  readonly clientKey: string;
  readonly serverCert: string;
  readonly serverKey: string;
  readonly sshKey: string;
  readonly sshPublicKey: string;
}

/** The layout of the store at an absolute path. */
export function storeLayout(directory: string, platform: NodeJS.Platform): StoreLayout {
  const { join } = platform === 'win32' ? win32 : posix;
  const certs = join(directory, 'certs');
  const machines = join(directory, 'machines');
  const locks = join(directory, 'locks');
  return {
    directory,
    certs: {
      directory: certs,
      caCert: join(certs, 'ca.pem'),
      caKey: join(certs, 'ca-key.pem'),
      clientCert: join(certs, 'cert.pem'),
      clientKey: join(certs, 'key.pem'),
    },
    cache: join(directory, 'cache'),
    cliVersion: join(directory, 'cache', 'docker-cli.json'),
    locks,
    logs: join(directory, 'logs'),
    machines,
    lastSeen: join(directory, 'last-seen.json'),
    machine: (name) => machineFiles(join(machines, name), join),
    lock: (name) => join(locks, `${name}.lock`),
  };
}

/** Where a storage directory may be named. */
export interface StoreChoice {
  /** The value of `--storage-path`, empty when not given. */
  readonly option: string;
  readonly env: Environment;
  readonly platform: NodeJS.Platform;
  /** Absolute folder that a relative path starts from. */
  readonly cwd: string;
}

/** The storage directory: the option, else MACHINE_STORAGE_PATH, else `.docker/machine` in the user's home; always absolute. */
export function storeDirectory(choice: StoreChoice): string {
  const { join, resolve } = choice.platform === 'win32' ? win32 : posix;
  const named = choice.option || choice.env['MACHINE_STORAGE_PATH'];
  if (named) return resolve(choice.cwd, named);
  const home = choice.platform === 'win32' ? windowsHome(choice.env) : choice.env['HOME'];
  return resolve(choice.cwd, join(home || '.', '.docker', 'machine'));
}

/** Services and some remote logins have no USERPROFILE, but the two parts that it came from. */
function windowsHome(env: Environment): string {
  return env['USERPROFILE'] || `${env['HOMEDRIVE'] ?? ''}${env['HOMEPATH'] ?? ''}`;
}

/** Whether a name stands for one folder and nothing outside it; names that begin with a dot are not machines. */
export function isFolderName(name: string): boolean {
  return name !== '' && !name.startsWith('.') && !/[/\\:\0]/.test(name);
}

function machineFiles(directory: string, join: (...parts: string[]) => string): MachineFiles {
  return {
    directory,
    config: join(directory, 'config.json'),
    configBackup: join(directory, 'config.json.bak'),
    caCert: join(directory, 'ca.pem'),
    clientCert: join(directory, 'cert.pem'),
    clientKey: join(directory, 'key.pem'),
    serverCert: join(directory, 'server.pem'),
    serverKey: join(directory, 'server-key.pem'),
    sshKey: join(directory, 'id_rsa'),
    sshPublicKey: join(directory, 'id_rsa.pub'),
  };
}
