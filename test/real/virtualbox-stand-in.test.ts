import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packHelloRoot } from '../../src/engine/hello-image.ts';
import { openRealStore, type RealStore } from '../support/real-store.ts';
import { describeWith } from '../support/requires.ts';
import { makeVBoxStandIn, type VBoxStandIn } from '../support/vboxmanage-stand-in.ts';

const programs = ['qemu-system-x86_64', 'setpriv', 'docker'];
const createWords = [
  ...['create', '--driver', 'virtualbox', '--virtualbox-memory', '1024', '--virtualbox-no-vtx-check'],
  // Where QEMU may listen for the guest; see test/fakes/vboxmanage/README.md.
  ...['--virtualbox-hostonly-cidr', '127.0.98.1/24', '--virtualbox-no-share', 'myhost'],
];

describeWith(programs, 'a machine of VirtualBox, which a stand-in for VBoxManage runs with QEMU', () => {
  let vbox: VBoxStandIn;
  let store: RealStore;
  beforeAll(async () => {
    vbox = await makeVBoxStandIn({ FAKE_VBOX_ENGINE: 'qemu' });
    const { HOME: _, ...env } = vbox.env;
    store = await openRealStore({ env: { ...env, VBOXLAB_LOG: join(vbox.path, 'calls') } });
  });
  afterAll(async () => {
    await store[Symbol.asyncDispose]();
    await vbox[Symbol.asyncDispose]();
  });

  /** A call that must succeed with at most so many of VBoxManage. */
  async function within(most: number, ...words: readonly string[]): Promise<string> {
    const log = join(vbox.path, 'calls');
    await rm(log, { force: true });
    const answer = await store.ask(...words);
    const calls = (await readFile(log, 'utf8').catch(() => '')).split('\n').slice(0, -1);
    expect(calls.length, calls.join('\n')).toBeLessThanOrEqual(most);
    return answer;
  }

  /** What the Docker CLI of this computer prints, pointed at the machine. */
  async function docker(words: string): Promise<string> {
    const { stdout, stderr, exitCode } = await store.run('bash', [
      '-c',
      `eval $(tmachine env myhost); docker ${words}`,
    ]);
    expect(exitCode, stderr).toBe(0);
    return stdout;
  }

  const address = async (): Promise<string> => (await store.config('myhost')).Driver.IPAddress;

  test('create', async () => {
    await within(16, ...createWords);
    expect(await address()).toMatch(/^127\.0\.98\.\d+$/);
    expect(await vbox.ask('list runningvms')).toMatch(/^"myhost" /);
  });

  test('env and docker run', async () => {
    expect(await within(0, 'env', '--shell', 'bash', 'myhost')).toContain(`"tcp://${await address()}:2376"`);
    const input = await packHelloRoot('\nHello from Docker!\n');
    const load = ['ssh', 'myhost', 'docker', 'import', '-c', `'CMD ["/hello"]'`, '-', 'hello-world'];
    expect((await store.tmachine(load, { input })).exitCode).toBe(0);
    expect(await docker('run --rm hello-world')).toContain('Hello from Docker!');
  });

  test('stop and start keep the address and the images', async () => {
    const before = await address();
    await within(4, 'stop', 'myhost');
    expect(await within(1, 'status', 'myhost')).toBe('Stopped\n');
    await within(8, 'start', 'myhost');
    expect(await within(2, 'ls', '--format', '{{.State}} {{.URL}}')).toBe(`Running tcp://${before}:2376\n`);
    expect(await docker('run --rm hello-world')).toContain('Hello from Docker!');
  });

  test('another lease is told of, and regenerate-certs mends it', async () => {
    const before = await address();
    const [id, mac] = [await vbox.info('myhost', 'UUID'), await vbox.info('myhost', 'macaddress2')];
    await store.ask('stop', 'myhost');
    const lease = ['--netname', 'HostInterfaceNetworking-vboxnet0', '--mac-address', String(mac)];
    await vbox.ask(['dhcpserver', 'modify', ...lease, '--fixed-address', '127.0.98.177']);
    await vbox.ask(['startvm', String(id), '--type', 'headless']);
    const said = `x509: certificate is valid for ${before}, not 127.0.98.177\n`;
    await expect
      .poll(async () => (await store.tmachine(['env', 'myhost'])).stderr, { timeout: 280_000, interval: 2000 })
      .toContain(said);
    expect((await store.tmachine(['regenerate-certs', 'myhost'], { input: 'y\n' })).exitCode).toBe(0);
    expect(await docker("version --format '{{.Server.Os}}'")).toBe('linux\n');
    expect(await address()).toBe('127.0.98.177');
  });

  test('rm leaves nothing', async () => {
    const { exitCode, stderr } = await store.tmachine(['rm', 'myhost'], { input: 'y\n' });
    expect(exitCode, stderr).toBe(0);
    expect(await vbox.ask('list -m vms hdds dvds')).toBe('[vms]\n\n[hdds]\n\n[dvds]\n');
    expect(await vbox.ask('list dhcpservers')).not.toContain('Fixed Address');
    expect(await store.ask('ls', '-q')).toBe('');
    expect(store.processes()).toEqual([]);
  });
});
