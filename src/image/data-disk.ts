import { TmachineError } from '../errors/tmachine-error.ts';
import { formatUstar, type UstarMember } from './ustar.ts';

/** The part of the seed that every boot2docker understands. */
export interface KeySeed {
  /** One or more lines of `authorized_keys`. */
  readonly authorizedKey: string;
}

/**
 * What our guest is told before its first start, so that the first start of dockerd and sshd is the final one. All of it is
 * text: PEM, OpenSSH's own formats, shell for the profile.
 */
export interface Seed extends KeySeed {
  readonly hostname: string;
  readonly caCertificate: string;
  readonly serverCertificate: string;
  readonly serverKey: string;
  /** Becomes `/var/lib/boot2docker/profile` as it is. */
  readonly profile: string;
  readonly sshHostKey: { readonly privateKey: string; readonly publicKey: string };
  /** Cards that get their address without DHCP. */
  readonly cards?: readonly SeedCard[];
  /** Names of the folders that the hypervisor shares. */
  readonly shares?: readonly string[];
}

/** A network card of the guest: twelve hexadecimal digits, an IPv4 address, and the length of its network's prefix. */
export interface SeedCard {
  readonly macAddress: string;
  readonly address: string;
  readonly prefix: number;
}

/** Bytes at the start of the data disk that our guest reads. */
const userdataLimit = 64 * 1024;

/** Bytes at the start of the data disk that boot2docker reads. */
const boot2dockerLimit = 4096;

/** Name and content of the first member: without it boot2docker leaves the disk alone. */
const formatRequest = 'boot2docker, please format-me';

/**
 * The bytes to put at the start of an otherwise blank data disk: a ustar archive that asks the guest to format the disk and
 * carries the seed; for genuine boot2docker the key is enough. The same seed gives the same bytes.
 * @throws TmachineError SEED_TOO_LARGE when a guest could not read all of it.
 */
export function formatUserdata(seed: Seed | KeySeed): Uint8Array {
  const forBoot2docker = formatUstar(keyMembers(seed.authorizedKey));
  const keysEnd = forBoot2docker.length - endOfArchive;
  if (keysEnd > boot2dockerLimit) {
    throw tooLarge(`the authorized key takes ${keysEnd} of ${boot2dockerLimit} bytes`);
  }
  if (!('hostname' in seed)) return forBoot2docker;
  const members = machineMembers(seed);
  const archive = formatUstar([...keyMembers(seed.authorizedKey), ...members]);
  if (archive.length > userdataLimit) {
    const largest = members.reduce((one, other) => (sizeOf(one) < sizeOf(other) ? other : one));
    throw tooLarge(
      `it takes ${archive.length} of ${userdataLimit} bytes, "${largest.path}" alone ${sizeOf(largest)} of them`,
    );
  }
  return archive;
}

const endOfArchive = 1024;

function keyMembers(authorizedKey: string): UstarMember[] {
  return [
    { path: formatRequest, mode: 0o644, content: formatRequest },
    { path: '.ssh/', mode: 0o700 },
    { path: '.ssh/authorized_keys', mode: 0o600, content: authorizedKey },
    { path: '.ssh/authorized_keys2', mode: 0o600, content: authorizedKey },
  ];
}

function machineMembers(seed: Seed): UstarMember[] {
  return [
    { path: 'tmachine/', mode: 0o700 },
    { path: 'tmachine/hostname', mode: 0o644, content: seed.hostname },
    { path: 'tmachine/ca.pem', mode: 0o644, content: seed.caCertificate },
    { path: 'tmachine/server.pem', mode: 0o644, content: seed.serverCertificate },
    { path: 'tmachine/server-key.pem', mode: 0o600, content: seed.serverKey },
    { path: 'tmachine/profile', mode: 0o644, content: seed.profile },
    { path: 'tmachine/ssh_host_ed25519_key', mode: 0o600, content: seed.sshHostKey.privateKey },
    { path: 'tmachine/ssh_host_ed25519_key.pub', mode: 0o644, content: seed.sshHostKey.publicKey },
    ...listMember('addresses', (seed.cards ?? []).map(formatCard)),
    ...listMember('shares', seed.shares ?? []),
  ];
}

/** A file with one line for each entry; none at all for an empty list. */
function listMember(name: string, lines: readonly string[]): UstarMember[] {
  if (lines.length === 0) return [];
  return [{ path: `tmachine/${name}`, mode: 0o644, content: lines.map((line) => `${line}\n`).join('') }];
}

function formatCard({ macAddress, address, prefix }: SeedCard): string {
  const pairs = macAddress.toLowerCase().match(/[0-9a-f]{2}/g) ?? [];
  return `${pairs.join(':')} ${address}/${prefix}`;
}

function sizeOf(member: UstarMember): number {
  return Buffer.byteLength(member.content ?? '');
}

function tooLarge(reason: string): TmachineError {
  return new TmachineError(`Cannot write the machine's seed: ${reason}`, {
    code: 'SEED_TOO_LARGE',
    hint: 'Use a smaller key (an RSA key of 2048 bits or an Ed25519 key fits), or fewer engine options',
  });
}
