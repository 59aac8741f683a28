import { readFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { isPortFree } from '../../../src/host/network.ts';
import type { RealStore } from '../../support/real-store.ts';

/** What `docker version` does, for computers without a Docker CLI. */
const askVersion =
  'curl -sS --cacert $DOCKER_CERT_PATH/ca.pem --cert $DOCKER_CERT_PATH/cert.pem --key $DOCKER_CERT_PATH/key.pem ' +
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell reads it
  'https://${DOCKER_HOST#tcp://}/version';

/** Section 5 of the walkthrough: the address is not the one the certificate was made for. */
export function addressCases(store: () => RealStore): void {
  test('start after a change of the address mends the certificate by itself', async () => {
    const address = await freeAddress(150);
    await store().changeDriver('myhost', { IPAddress: address });
    const { exitCode, stderr } = await store().tmachine(['start', 'myhost']);
    expect(exitCode, stderr).toBe(0);
    expect(await store().ask('env', '--shell', 'bash', 'myhost')).toContain(`"tcp://${address}:2376"`);
    const words = ['x509', '-noout', '-ext', 'subjectAltName', '-in', store().file('myhost', 'server.pem')];
    expect((await store().run('openssl', words)).stdout).toContain(`IP Address:${address}`);
  });

  test('env and config of a running machine refuse, in the words of the walkthrough', async () => {
    const old = (await store().config('myhost')).Driver.IPAddress;
    const address = await freeAddress(180);
    await addForwards(store().file('myhost', 'qmp.sock'), [`${address}:2376-:2376`, `${address}:2222-:22`]);
    await store().changeDriver('myhost', { IPAddress: address });
    const said = [
      'Error checking and/or regenerating the certs: There was an error validating certificates for host ' +
        `"${address}:2376": x509: certificate is valid for ${old}, not ${address}`,
      "You can attempt to regenerate them using 'tmachine regenerate-certs [name]'.",
      'Be advised that this will trigger a Docker daemon restart which might stop running containers.',
      '',
    ].join('\n');
    expect(await store().tmachine(['env', 'myhost'])).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: `Error checking TLS connection: ${said}`,
    });
    expect(await store().tmachine(['config', 'myhost'])).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: `Error running connection boilerplate: ${said}`,
    });
  });

  test('regenerate-certs asks, and without a yes does nothing', async () => {
    const before = await readFile(store().file('myhost', 'server.pem'), 'utf8');
    const { exitCode } = await store().tmachine(['regenerate-certs', 'myhost'], { input: 'n\n' });
    expect(exitCode).toBe(0);
    expect(await readFile(store().file('myhost', 'server.pem'), 'utf8')).toBe(before);
  });

  test('after regenerate-certs all is well again', async () => {
    const result = await store().tmachine(['regenerate-certs', 'myhost'], { input: 'y\n' });
    expect(result.exitCode, result.stderr).toBe(0);
    expect(
      (result.stdout + result.stderr).replace(/^Still waiting .*\n/gm, '').replace('(y/n): \n', '(y/n): y\n'),
    ).toBe(
      [
        'Regenerate TLS machine certs?  Warning: this is irreversible. (y/n): y',
        'Regenerating TLS certificates',
        'Waiting for SSH to be available...',
        'Detecting the provisioner...',
        'Copying certs to the local machine directory...',
        'Copying certs to the remote machine...',
        'Setting Docker configuration on the remote daemon...',
        '',
      ].join('\n'),
    );
    const { stdout, stderr } = await store().run('bash', ['-c', `eval $(tmachine env myhost) && ${askVersion}`]);
    expect(JSON.parse(stdout), stderr).toMatchObject({ Os: 'linux' });
    expect(await store().ask('status', 'myhost')).toBe('Running\n');
  });
}

async function freeAddress(from: number): Promise<string> {
  for (let last = from; last < 255; last += 1) {
    const address = `127.0.99.${last}`;
    if ((await isPortFree(address, 2376)) && (await isPortFree(address, 2222))) return address;
  }
  throw new Error('No address is free');
}

/** Lets a running QEMU listen at further addresses, over its monitor. */
async function addForwards(socketFile: string, rules: readonly string[]): Promise<void> {
  const socket = createConnection(socketFile);
  const answers = createInterface({ input: socket })[Symbol.asyncIterator]();
  await answers.next();
  const call = async (execute: string, args: object): Promise<unknown> => {
    socket.write(`${JSON.stringify({ execute, arguments: args })}\n`);
    return JSON.parse((await answers.next()).value).return;
  };
  await call('qmp_capabilities', {});
  for (const rule of rules)
    expect(await call('human-monitor-command', { 'command-line': `hostfwd_add net tcp:${rule}` })).toBe('');
  socket.destroy();
}
