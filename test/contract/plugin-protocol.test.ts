import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import type { PluginAction } from '../../drivers/plugin/client.ts';
import { PluginLost, PluginRefusal } from '../../drivers/plugin/plugin-errors.ts';
import { buildPlugin } from '../support/build-plugin.ts';
import { startPlugin } from '../support/plugin-process.ts';
import { describeWith } from '../support/requires.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

const values = {
  'fake-ip': '127.0.0.7',
  'fake-engine-port': 12376,
  'fake-ssh-port': 0,
  'fake-ssh-user': 'grüße',
  'fake-memory': 2048,
  'fake-tag': ['<a>', ''],
  'fake-insecure': true,
  'swarm-master': false,
};

describeWith(['go'], 'a plugin by Go', () => {
  beforeAll(async () => void (await buildPlugin()), 300_000);

  test('answers everything that docker-machine asks', async () => {
    await using folder = await makeTempFolder();
    await using plugin = await startPlugin();
    await using client = await plugin.connect();
    expect(await client.version()).toBe(1);
    expect(await client.ask('DriverName')).toBe('fake');
    await client.setConfigRaw(JSON.stringify({ MachineName: 'box', StorePath: folder.path }));
    await client.setConfigFromFlags(values);
    await client.act('PreCreateCheck');
    await client.act('Create');
    expect(await client.state()).toBe(1);
    expect(await client.ask('GetMachineName')).toBe('box');
    expect(await client.ask('GetIP')).toBe('127.0.0.7');
    expect(await client.ask('GetURL')).toBe('tcp://127.0.0.7:12376');
    expect(await client.ask('GetSSHHostname')).toBe('127.0.0.7');
    expect(await client.ask('GetSSHUsername')).toBe('grüße');
    expect(await client.ask('GetSSHKeyPath')).toBe(`${folder.path}/machines/box/id_rsa`);
    expect(await client.sshPort()).toBe(0);
    for (const [action, state] of [
      ['Stop', 4],
      ['Start', 1],
      ['Kill', 4],
      ['Restart', 1],
    ] as const) {
      await client.act(action);
      expect(await client.state()).toBe(state);
    }
    await client.heartbeat();
    await client.act('Remove');
    await expect(client.state()).rejects.toThrow(PluginRefusal);
  });

  test('tells its flags', async () => {
    await using plugin = await startPlugin();
    await using client = await plugin.connect();
    const flags = await client.createFlags();
    expect(flags).toHaveLength(11);
    const usage = 'Zone with "quotes", <brackets> & ümlauts';
    expect(flags).toContainEqual({ kind: 'string', name: 'fake-zone', usage, envVar: 'FAKE_ZONE', value: 'eu-1' });
    const memory = { kind: 'int', name: 'fake-memory', usage: 'Memory in MB', envVar: 'FAKE_MEMORY', value: 1024 };
    expect(flags).toContainEqual(memory);
    const tags = { kind: 'list', name: 'fake-tag', usage: 'Tags', envVar: 'FAKE_TAGS', value: ['one', 'two'] };
    expect(flags).toContainEqual(tags);
    expect(flags.find(({ kind }) => kind === 'bool')).toMatchObject({ name: 'fake-insecure', value: false });
    expect(await client.createFlags()).toEqual(flags);
  });

  test('gets its own JSON back in another process, byte for byte', async () => {
    await using folder = await makeTempFolder();
    await using first = await startPlugin();
    await using one = await first.connect();
    await one.setConfigRaw(JSON.stringify({ MachineName: 'box', StorePath: folder.path }));
    await one.setConfigFromFlags(values);
    await one.act('Create');
    const kept = await one.configRaw();
    expect(kept).toContain('"InstanceId":18446744073709551557,"Banner":"\\u003cb\\u003eTom \\u0026 \\"Jerry\\"');
    expect(kept).toContain('"Ports":{"10":"ten","9":"nine","__proto__":"odd"},"Price":1e+21,"Nothing":null');
    await using second = await startPlugin();
    await using other = await second.connect();
    await other.setConfigRaw(kept);
    expect(await other.configRaw()).toBe(kept);
    expect(await other.state()).toBe(1);
  });

  test('takes a large configuration and many calls at once', async () => {
    await using plugin = await startPlugin();
    await using client = await plugin.connect();
    const name = 'ü'.repeat(200_000);
    await client.setConfigRaw(JSON.stringify({ MachineName: name }));
    const names = await Promise.all(Array.from({ length: 20 }, () => client.ask('GetMachineName')));
    expect(new Set(names)).toEqual(new Set([name]));
  });

  test('beats beside a long creation, and is lost without', async () => {
    await using folder = await makeTempFolder();
    await using plugin = await startPlugin({
      FAKE_PLUGIN_HEARTBEAT_MS: '700',
      FAKE_PLUGIN_FAULTS: 'Create=sleep:2s',
    });
    await using client = await plugin.connect();
    await client.setConfigRaw(JSON.stringify({ MachineName: 'box', StorePath: folder.path }));
    let isCreated = false;
    const created = client.act('Create').then(() => {
      isCreated = true;
    });
    for (let count = 0; !isCreated; count += 1) {
      expect(count).toBeLessThan(20);
      await client.heartbeat();
      await sleep(200);
    }
    await created;
    expect(await plugin.ended).toBe(1);
    await expect(client.state()).rejects.toThrow('The connection to the driver plugin is lost: the plugin closed it');
  });

  test('refuses in its own words', async () => {
    await using plugin = await startPlugin({ FAKE_PLUGIN_FAULTS: 'Create=error:no "quota"\nleft' });
    await using client = await plugin.connect();
    const refusal = await client.act('Create').catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(PluginRefusal);
    expect(refusal).toMatchObject({ code: 'PLUGIN_REFUSED', method: 'Create', reason: 'no "quota"\nleft' });
    expect(refusal).toMatchObject({ message: 'Create of the driver plugin failed: no "quota"\nleft' });
    await expect(client.setConfigRaw('{')).rejects.toThrow('unexpected end of JSON input');
    await expect(client.setConfigFromFlags({ 'fake-zone': 'nowhere' })).rejects.toThrow('no zone "nowhere"');
    expect(await client.sshPort()).toBe(0);
  });

  test('may panic, and tells where', async () => {
    await using plugin = await startPlugin({ FAKE_PLUGIN_FAULTS: 'Create=panic;Start=panic' });
    await using client = await plugin.connect();
    await expect(client.act('Create')).rejects.toThrow(
      /^Create of the driver plugin failed: Panic in the driver: .+\n/,
    );
    await expect(client.act('Start')).rejects.toThrow(PluginLost);
    expect(await plugin.ended).toBe(2);
  });

  test.each(['old', 'new'])('may have the service of %s versions alone', async (service) => {
    await using plugin = await startPlugin({ FAKE_PLUGIN_SERVICE: service, FAKE_PLUGIN_VERSION: '2' });
    await using client = await plugin.connect();
    expect(await Promise.all([client.version(), client.ask('DriverName'), client.sshPort()])).toEqual([2, 'fake', 22]);
    expect(await client.version()).toBe(2);
    await client.setConfigFromFlags(values);
    expect(await client.ask('GetSSHUsername')).toBe('grüße');
    await expect(client.act('Upgrade' as PluginAction)).rejects.toThrow("can't find method");
  });

  test.each([
    ['crash', 2],
    ['exit', 4],
  ])('is lost with all calls when it ends in the middle: %s', async (fault, status) => {
    await using plugin = await startPlugin({ FAKE_PLUGIN_FAULTS: `Start=hang;Create=${fault}` });
    await using client = await plugin.connect();
    const outcomes = await Promise.allSettled([client.act('Start'), client.act('Create')]);
    for (const outcome of [...outcomes, ...(await Promise.allSettled([client.heartbeat()]))])
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'PLUGIN_LOST' } });
    expect(await plugin.ended).toBe(status);
  });

  test('ends when it is closed', async () => {
    await using plugin = await startPlugin();
    const client = await plugin.connect();
    await client.close();
    expect(await plugin.ended).toBe(0);
    await client.close();
    await expect(client.version()).rejects.toThrow(PluginLost);
  });

  test('is closed although it hangs', async () => {
    await using plugin = await startPlugin({ FAKE_PLUGIN_FAULTS: 'Create=hang;Close=hang' });
    const client = await plugin.connect();
    const created = client.act('Create').catch((error: unknown) => error);
    expect(await client.ask('DriverName')).toBe('fake');
    await client.close();
    expect(await created).toBeInstanceOf(PluginLost);
  });

  test('can be given up, call by call or as a whole', async () => {
    await using plugin = await startPlugin({ FAKE_PLUGIN_FAULTS: 'Create=sleep:300ms;Start=hang' });
    const whole = new AbortController();
    await using client = await plugin.connect(whole.signal);
    const reason = new Error('enough');
    const one = new AbortController();
    setTimeout(() => one.abort(reason), 50);
    await expect(client.act('Start', one.signal)).rejects.toBe(reason);
    await expect(client.act('Start', one.signal)).rejects.toBe(reason);
    // The answer to a call that nobody waits for any more does no harm.
    await expect(client.act('Create', AbortSignal.timeout(50))).rejects.toThrow('timeout');
    await sleep(400);
    expect(await client.version()).toBe(1);
    setTimeout(() => whole.abort(reason), 50);
    await expect(client.act('Start')).rejects.toBe(reason);
    await expect(client.version()).rejects.toBe(reason);
    await expect(plugin.connect(whole.signal)).rejects.toBe(reason);
  });

  test('wants its token, and may say nothing', async () => {
    await using unasked = await startPlugin({ MACHINE_PLUGIN_TOKEN: '' });
    expect([unasked.address, await unasked.ended]).toEqual(['', 1]);
    await using broken = await startPlugin({ FAKE_PLUGIN_START: 'exit' });
    expect([broken.address, await broken.ended]).toEqual(['', 3]);
  });
});
