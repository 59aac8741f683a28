import { mkdir, open, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findFreePort } from '../../../src/host/network.ts';
import type { RealStore } from '../../support/real-store.ts';

/** Makes `myhost`, and looks at what is there then. */
export function createCases(store: () => RealStore): void {
  test('create ends with a running engine, and says its steps on standard error only', async () => {
    for (const name of ['shared', 'frozen']) {
      await mkdir(join(store().path, name));
      await writeFile(join(store().path, name, 'from-here'), `${name}\n`);
    }
    const { exitCode, stdout, stderr } = await store().tmachine([
      ...['create', '--context', '--qemu-memory', '1024', '--engine-label', 'made=here'],
      ...['--qemu-share-folder', `${join(store().path, 'shared')}:shared`],
      ...['--qemu-share-folder', `${join(store().path, 'frozen')}:frozen:ro`],
      ...['--qemu-publish', `${await findFreePort('127.0.0.1')}:8080`],
      'myhost',
    ]);
    expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 0, stdout: '' });
    expect(stderr).toMatch(/^Using the qemu driver: .+\nRunning pre-create checks\.\.\.\nCreating machine\.\.\.\n/m);
    expect(stderr).toMatch(
      /Docker is up and running!\nThe Docker CLI talks to "myhost" now, .+\n.+run: tmachine env myhost\n$/,
    );
  });

  test('the engine was started once, with its options', async () => {
    const log = await store().inGuest('myhost', 'sudo cat /var/log/docker.log');
    expect(log.match(/msg="Starting up"/g)).toHaveLength(1);
    expect(await store().inGuest('myhost', 'ls /var/lib/boot2docker/log')).toBe('docker.log\n');
    expect(await store().inGuest('myhost', "docker info -f '{{.Name}}'")).toBe('myhost\n');
    // The engine keeps its labels in a Go map, whose order changes from one start to the next.
    const labels: unknown = JSON.parse(await store().inGuest('myhost', "docker info -f '{{json .Labels}}'"));
    expect(new Set(labels as string[])).toEqual(new Set(['provider=qemu', 'made=here']));
  });

  test('the store is laid out as docker-machine does, closed to others', async () => {
    const { ConfigVersion, DriverName, Name } = await store().config('myhost');
    expect({ ConfigVersion, DriverName, Name }).toEqual({ ConfigVersion: 3, DriverName: 'qemu', Name: 'myhost' });
    const modes = { 'machines/myhost': 0o700, 'machines/myhost/config.json': 0o600, certs: 0o700 };
    const keys = ['key.pem', 'server-key.pem', 'id_rsa'].map((name) => `machines/myhost/${name}`);
    for (const path of [...Object.keys(modes), ...keys, 'certs/ca-key.pem', 'certs/key.pem']) {
      const { mode } = await stat(join(store().path, path));
      expect([path, mode & 0o777]).toEqual([path, modes[path as keyof typeof modes] ?? 0o600]);
    }
  });

  test('openssl accepts the server certificate for all its names', async () => {
    const { IPAddress } = (await store().config('myhost')).Driver;
    for (const [option, name] of [
      ['-verify_ip', IPAddress],
      ['-verify_ip', '127.0.0.1'],
      ['-verify_hostname', 'localhost'],
      ['-verify_hostname', 'myhost'],
    ] as const) {
      const ca = store().file('myhost', 'ca.pem');
      const server = store().file('myhost', 'server.pem');
      const words = ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', ca, option, name, server];
      expect(await store().run('openssl', words)).toMatchObject({ exitCode: 0, stdout: `${server}: OK\n` });
    }
  });

  test('the host key was pinned before the guest showed it, and the seed holds no secret any more', async () => {
    const { IPAddress, SSHPort } = (await store().config('myhost')).Driver;
    const shown = await store().run('ssh-keyscan', ['-t', 'ed25519', '-p', String(SSHPort), IPAddress]);
    const pinned = await readFile(store().file('myhost', 'known_hosts'), 'utf8');
    expect(keyOf(shown.stdout)).toBe(keyOf(pinned));
    await using disk = await open(store().file('myhost', 'disk.img'));
    const { buffer } = await disk.read(Buffer.alloc(65_536), 0, 65_536, 0);
    expect(buffer.includes('PRIVATE KEY')).toBe(false);
    const stored = await store().inGuest('myhost', 'sudo tar -tf /var/lib/boot2docker/userdata.tar');
    expect(stored).not.toMatch(/server-key|ssh_host/);
  });

  test('shared folders are there, one of them for reading only', async () => {
    expect(await store().inGuest('myhost', 'cat /shared/from-here /frozen/from-here')).toBe('shared\nfrozen\n');
    await store().inGuest('myhost', 'echo guest | sudo tee /shared/from-guest');
    expect(await readFile(join(store().path, 'shared', 'from-guest'), 'utf8')).toBe('guest\n');
    const denied = await store().tmachine(['ssh', 'myhost', 'sudo touch /frozen/from-guest']);
    expect(denied.exitCode).toBe(1);
    expect(denied.stderr).toMatch(/Read-only|denied|not permitted/i);
  });
}

function keyOf(line: string): string | undefined {
  return /ssh-ed25519 \S+/.exec(line)?.[0];
}
