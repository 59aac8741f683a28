import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { genericDriver } from '../../drivers/generic/index.ts';
import type { TypedFlags } from '../../src/driver/resolve-flags.ts';
import { findFreePort } from '../../src/host/network.ts';
import { openGuest } from '../../src/ssh/open-guest.ts';
import { DriverStore } from '../support/driver-store.ts';
import { type SshHost, startAgent, startSshHost } from '../support/generic-bench.ts';
import { startGuestServer } from '../support/guest-server.ts';
import { describeWith } from '../support/requires.ts';
import { startSshd } from '../support/sshd.ts';
import { power } from './driver-contract.ts';
import { existingHostContract } from './existing-host-contract.ts';

describeWith(['sshd', 'ssh', 'ssh-agent', 'ssh-keygen'], 'driver generic', () => {
  existingHostContract('generic', { driver: genericDriver, startHost: startExistingHost, verbs: ['restart'] });

  let host: SshHost;
  let store: DriverStore;
  beforeEach(async () => {
    host = await startSshHost(startGuestServer);
    store = await DriverStore.make(genericDriver, { image: new Uint8Array() });
  });
  afterEach(async () => {
    await store[Symbol.asyncDispose]();
    await host[Symbol.asyncDispose]();
  });

  const preflight = async (more: TypedFlags = {}): Promise<void> => {
    await store.add('dev', { ...host.flags, ...more });
    await rm(store.directory('dev'), { recursive: true });
    await (await store.open('dev')).preflight();
  };

  test('preflight() makes nothing and says nothing', async () => {
    await host.program('id', 'echo 1000');
    await host.program('sudo', '[ "$*" = "-n true" ]');
    await preflight();
    expect(existsSync(store.directory('dev'))).toBe(false);
    expect(store.events).toEqual([]);
  });

  test('preflight() of root asks for no sudo', async () => {
    await host.program('id', 'echo 0');
    await host.program('sudo', 'exit 1');
    await preflight();
  });

  test('preflight() wants root and Linux', async () => {
    await host.program('id', 'echo 1000');
    await host.program('sudo', 'echo "sudo: a password is required" >&2; exit 1');
    await expect(preflight()).rejects.toMatchObject({
      code: 'GENERIC_NO_ROOT',
      message: 'docker@127.0.0.1 cannot become root: sudo: a password is required',
      hint: expect.stringContaining("echo 'docker ALL=(ALL) NOPASSWD: ALL' | sudo tee /etc/sudoers.d/docker"),
    });
    await host.program('uname', 'echo FreeBSD');
    await expect(preflight()).rejects.toMatchObject({ message: 'docker@127.0.0.1 is no Linux: FreeBSD' });
  });

  test('preflight() refuses a key that cannot be used, and says why', async () => {
    const secret = join(host.folder, 'secret');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'a secret', '-f', secret]);
    const with_ = async (key: string) => await preflight({ 'generic-ssh-key': key });
    await expect(with_(secret)).rejects.toMatchObject({
      message: `Cannot log in with the SSH key "${secret}": it needs a passphrase`,
      hint: expect.stringContaining('ssh-add'),
    });
    await expect(with_(`${secret}.pub`)).rejects.toThrow('it is a public key');
    await expect(with_(join(host.folder, 'missing'))).rejects.toThrow(
      `SSH key does not exist: "${join(host.folder, 'missing')}"`,
    );
    await expect(with_(host.folder)).rejects.toThrow('Cannot read the SSH key');
    const other = join(host.folder, 'other');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', other]);
    await expect(with_(other)).rejects.toMatchObject({ code: 'SSH_AUTH_REJECTED' });
  });

  test('preflight() of a host that does not answer, or answers something else', async () => {
    const port = await findFreePort('127.0.0.1');
    await expect(preflight({ 'generic-ssh-port': String(port) })).rejects.toMatchObject({ code: 'SSH_REFUSED' });
    const web = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => web.listen(port, '127.0.0.1', resolve));
    await expect(preflight({ 'generic-ssh-port': String(port) })).rejects.toThrow('Cannot use SSH to docker@127.0.0.1');
    await new Promise((resolve) => web.close(resolve));
  });

  test('create() copies both halves of the key, for the user alone; a tilde is the home folder', async () => {
    store = await DriverStore.make(genericDriver, {
      image: new Uint8Array(),
      env: { ...process.env, HOME: host.folder },
    });
    await store.add('dev', { ...host.flags, 'generic-ssh-key': '~/id_rsa' });
    const driver = await store.open('dev');
    await driver.create(async () => new Uint8Array());
    for (const file of ['id_rsa', 'id_rsa.pub']) {
      const copy = join(store.directory('dev'), file);
      expect(await readFile(copy)).toEqual(await readFile(join(host.folder, file)));
      expect((await stat(copy)).mode & 0o777).toBe(0o600);
    }
    expect((await driver.guest?.ssh())?.identityFile).toBe(join(store.directory('dev'), 'id_rsa'));
    expect(store.events).toContainEqual({ type: 'notice', level: 'info', text: 'Importing SSH key...' });
  });

  test('a record of docker-machine is read as it means', async () => {
    await store.add('dev', host.flags);
    const record = { name: 'dev', data: { ...store.data('dev'), SSHUser: '', SSHPort: 0, IPAddress: '::1' } };
    await using driver = await genericDriver.open(record, store.host('dev'));
    expect(await driver.guest?.ssh()).toMatchObject({ host: '::1', user: 'root', port: 22 });
    expect(await driver.dockerUrl()).toBe('tcp://[::1]:2376');
  });

  test('restart() reboots as root, and waits for another start of the system', async () => {
    await host.program('id', 'echo 1000');
    await host.program('sudo', '[ "$1" = -n ] && shift; exec "$@"');
    await host.program('shutdown', 'echo "shutdown $*" >calls');
    // Two questions later the system has started anew.
    await host.program(
      'cat',
      'echo x >>asked; [ -e calls ] && [ $(wc -l <asked) -gt 3 ] && exec echo second; echo first',
    );
    await store.add('dev', host.flags);
    await (await store.open('dev')).create(async () => new Uint8Array());
    await power(await store.open('dev'), 'restart')();
    const { stdout } = await store
      .host('dev')
      .runOverSsh({ ...host.server, identityFile: host.key }, '/bin/cat calls; wc -l <asked', 10_000);
    expect(stdout).toBe('shutdown -r now\n4\n');
    const trust = `Trusting the SSH host key of 127.0.0.1:${host.server.port} from now on: ${host.fingerprint} (ssh-ed25519)`;
    expect(store.events.filter((event) => event.type === 'notice' && event.text === trust)).toHaveLength(1);
  });

  test('restart() says why it cannot', async () => {
    await host.program('id', 'echo 1000');
    await host.program('sudo', 'echo "not allowed" >&2; exit 1');
    await store.add('dev', host.flags);
    await (await store.open('dev')).create(async () => new Uint8Array());
    await expect(power(await store.open('dev'), 'restart')()).rejects.toThrow('Cannot restart "dev": not allowed');
  });

  test('another host than the one that was pinned is refused', async () => {
    await store.add('dev', host.flags);
    await store.host('dev').runOverSsh({ ...host.server, identityFile: host.key }, 'true', 10_000);
    await using other = await startSshHost(startGuestServer);
    await expect(
      store.host('dev').runOverSsh({ ...other.server, identityFile: other.key }, 'true', 10_000),
    ).rejects.toMatchObject({ code: 'HOST_KEY_CHANGED' });
  });
});

describeWith(['sshd', 'ssh', 'ssh-agent'], 'without a key of the machine', () => {
  describe.each(['native', 'external'] as const)('the %s client', (kind) => {
    let host: SshHost;
    let home: string;
    beforeEach(async () => {
      host = await startSshHost(startSshd);
      home = await mkdtemp(join(host.folder, 'home-'));
      await mkdir(join(home, '.ssh'));
    });
    afterEach(async () => await host[Symbol.asyncDispose]());

    const logIn = async (env: Record<string, string | undefined>): Promise<string> => {
      const address = { ...host.server, identityFile: '', knownHostsFile: join(home, 'known_hosts') };
      const options = { kind, signal: new AbortController().signal, emit: () => undefined };
      await using guest = await openGuest(address, { ...options, env: { ...process.env, HOME: home, ...env } });
      return (await guest.run('echo in')).stdout;
    };

    test("logs in by the user's agent", async () => {
      await using agent = await startAgent(host.key);
      expect(await logIn({ SSH_AUTH_SOCK: agent.socket })).toBe('in\n');
    });

    test('is refused with an agent that has another key', async () => {
      const other = join(home, 'other');
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', other]);
      await using agent = await startAgent(other);
      await expect(logIn({ SSH_AUTH_SOCK: agent.socket })).rejects.toMatchObject({ code: 'SSH_AUTH_REJECTED' });
    });
  });

  test("the built-in client takes the user's own keys, and tells when each needs a passphrase", async () => {
    await using host = await startSshHost(startSshd);
    const home = join(host.folder, 'home');
    await mkdir(join(home, '.ssh'), { recursive: true });
    const options = { kind: 'native', signal: new AbortController().signal, emit: () => undefined } as const;
    const logIn = async (): Promise<void> => {
      const address = { ...host.server, identityFile: '', knownHostsFile: join(home, 'known_hosts') };
      const env = { PATH: process.env['PATH'], HOME: home };
      await (await openGuest(address, { ...options, env }))[Symbol.asyncDispose]();
    };
    await expect(logIn()).rejects.toThrow('no key was named, no SSH agent runs');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'a secret', '-f', join(home, '.ssh', 'id_ed25519')]);
    await expect(logIn()).rejects.toThrow('each key in ~/.ssh needs a passphrase');
    execFileSync('cp', [host.key, join(home, '.ssh', 'id_rsa')]);
    await logIn();
  });
});

async function startExistingHost() {
  const host = await startSshHost(startSshd);
  let isUp = true;
  const end = async (): Promise<void> => {
    if (isUp) await host[Symbol.asyncDispose]();
    isUp = false;
  };
  return {
    flags: { ...host.flags, 'generic-engine-port': '2399' },
    dockerUrl: `tcp://${host.server.host}:2399`,
    isThere: async () => isUp,
    [Symbol.asyncDispose]: end,
  };
}
