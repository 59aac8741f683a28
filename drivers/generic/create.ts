import type { GenericMachine } from './driver.ts';
import { keyFilePath, readKeyFile } from './key-file.ts';

/** Takes a copy of the key, so that the machine goes on working where the original is gone. The host itself is left alone. */
export async function createGeneric({ host, data }: GenericMachine): Promise<void> {
  if (data.SSHKey === '') {
    const text = 'No SSH key specified. Assuming an existing key at the default location.';
    return host.emit({ type: 'notice', level: 'info', text });
  }
  host.emit({ type: 'notice', level: 'info', text: 'Importing SSH key...' });
  await host.files.write(data.SSHKeyPath, await readKeyFile(data.SSHKey, host), 0o600);
  const publicKey = await host.files.readText(`${keyFilePath(data.SSHKey, host)}.pub`);
  if (publicKey !== undefined) await host.files.write(`${data.SSHKeyPath}.pub`, publicKey, 0o600);
}

/** The host belongs to somebody else and stays as it is. */
export async function forgetGeneric({ host, data }: GenericMachine): Promise<void> {
  if (data.SSHKeyPath === '') return;
  for (const path of [data.SSHKeyPath, `${data.SSHKeyPath}.pub`]) await host.files.remove(path);
}
