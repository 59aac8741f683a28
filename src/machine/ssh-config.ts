import { join } from 'node:path';
import { privateFile, writeFileAtomic } from '../host/files.ts';
import { formatSshConfig } from '../ssh/external-arguments.ts';
import { readPins } from '../ssh/host-key-pins.ts';
import type { GuestAddress } from '../ssh/open-guest.ts';
import type { Machine } from './machine.ts';

/**
 * Writes what the system's `ssh` needs to know to log in: a configuration in which the machine's name is a host. For programs
 * that start `ssh` themselves. Resolves with its path.
 */
export async function writeSshConfig(machine: Machine, address: GuestAddress): Promise<string> {
  const { knownHostsFile } = address;
  const pins = await readPins(knownHostsFile, address.pinnedKey);
  const path = join(machine.files.directory, 'ssh_config');
  const text = formatSshConfig(machine.name, address, { knownHostsFile, isPinned: pins.length > 0 });
  await writeFileAtomic(path, text, privateFile);
  return path;
}
