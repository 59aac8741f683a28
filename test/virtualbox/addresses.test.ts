import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/requires.ts';
import { createWords, openVirtualBoxStore, type VirtualBoxStore } from '../support/virtualbox-store.ts';

const names = ['first', 'second', 'third'];

describeWith(['VBoxManage'], 'an address is for life', () => {
  let lab: VirtualBoxStore;
  beforeAll(async () => {
    lab = await openVirtualBoxStore();
  });
  afterAll(async () => await lab?.[Symbol.asyncDispose]());

  const addresses = async (): Promise<readonly string[]> =>
    await Promise.all(names.map(async (name) => (await lab.store.config(name)).Driver.IPAddress));

  test('three machines are made on one network, two of them at once', async () => {
    await lab.store.ask(...createWords, 'first');
    const results = await Promise.all(['second', 'third'].map((name) => lab.store.tmachine([...createWords, name])));
    for (const { exitCode, stderr } of results) expect(exitCode, stderr).toBe(0);
    const given = await addresses();
    expect(new Set(given).size).toBe(3);
    expect(new Set(given.map((address) => address.replace(/\.\d+$/, ''))).size).toBe(1);
    const data = await Promise.all(names.map(async (name) => (await lab.store.config(name)).Driver));
    expect(new Set(data.map(({ HostOnlyName }) => HostOnlyName)).size).toBe(1);
  });

  test('--virtualbox-ip that another machine has is refused before anything is made', async () => {
    const [taken = ''] = await addresses();
    const { exitCode, stderr } = await lab.store.tmachine([...createWords, '--virtualbox-ip', taken, 'fourth']);
    expect(exitCode, stderr).toBe(3);
    expect(stderr).toContain(taken);
    expect(await lab.store.ask('ls', '-q')).toBe('first\nsecond\nthird\n');
  });

  test('all stopped and started in reverse order, they keep their addresses', async () => {
    const before = await addresses();
    await lab.store.ask('stop', ...names);
    expect(await lab.store.ask('ls', '-f', '{{.Name}} {{.State}}')).toBe(
      'first Stopped\nsecond Stopped\nthird Stopped\n',
    );
    for (const name of names.toReversed()) await lab.within(8, ['start', name]);
    expect(await addresses()).toEqual(before);
    for (const [index, name] of names.entries()) {
      const address = before[index];
      expect(await lab.store.ask('ip', name)).toBe(`${address}\n`);
      expect(await lab.store.ask('ssh', name, 'hostname; ip -4 addr show eth1')).toMatch(
        new RegExp(`^${name}\\n[\\s\\S]*inet ${address?.replaceAll('.', '\\.')}/`),
      );
      expect(await lab.store.ask('env', '--shell', 'bash', name)).toContain(`"tcp://${address}:2376"`);
    }
  });

  test('ls of the three needs two calls', async () => {
    const rows = (await lab.within(2, ['ls', '-f', '{{.Name}} {{.State}} {{.URL}}'])).stdout;
    const expected = (await addresses()).map((address, index) => `${names[index]} Running tcp://${address}:2376\n`);
    expect(rows).toBe(expected.join(''));
  });

  test('processes that read a disk and do not end by themselves hold up no stop', async () => {
    const reads = 'trap "" TERM HUP; while :; do dd if=/dev/sr0 of=/dev/null bs=64k; done';
    await lab.store.ask('ssh', 'first', `sudo setsid sh -c '${reads}' > /dev/null 2>&1 < /dev/null &`);
    expect(await lab.store.ask('ssh', 'first', 'sleep 1; pidof dd')).toMatch(/^\d+\n$/);
    const before = performance.now();
    await lab.within(4, ['stop', 'first']);
    expect(performance.now() - before).toBeLessThan(10_000);
  });

  test('a machine that is removed gives its address back', async () => {
    const [, second] = await addresses();
    await lab.store.ask('rm', '-f', 'second');
    expect(await lab.place.vboxManage('list', 'dhcpservers')).not.toMatch(
      new RegExp(`Fixed Address: +${second}$`, 'm'),
    );
    await lab.store.ask('rm', '-f', 'first', 'third');
    expect(await lab.place.vboxManage('list', 'vms')).toBe('');
  });
});
