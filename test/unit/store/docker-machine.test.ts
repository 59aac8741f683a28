import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { noneDriver } from '../../../drivers/none/index.ts';
import { virtualBoxDriver } from '../../../drivers/virtualbox/index.ts';
import type { DriverDefinition } from '../../../src/driver/contract.ts';
import { resolveFlags } from '../../../src/driver/resolve-flags.ts';
import { defaultHostOptions } from '../../../src/store/host-options.ts';
import { storeLayout } from '../../../src/store/layout.ts';
import { formatRecord, isUnchanged, type MachineRecord, parseRecord } from '../../../src/store/record.ts';

// Files and answers of a Go program with docker-machine's keys and types: test/fixtures/go-store/generate/main.go.
const fixtures = join(import.meta.dirname, '..', '..', 'fixtures', 'go-store');
const layout = storeLayout('/s', 'linux');
const place = { name: 'dev', path: '/s/machines/dev/config.json', storePath: '/s' };
const read = (folder: string, name: string): string => readFileSync(join(fixtures, folder, name), 'utf8');

describe.each(readdirSync(join(fixtures, 'by-go')))('%s, as docker-machine writes it', (name) => {
  const text = read('by-go', name);

  test('is the same after it was read and written', () => {
    const record = parseRecord(text, place);
    expect(formatRecord(record)).toBe(text);
    expect(isUnchanged(record)).toBe(true);
    expect(isUnchanged({ ...record, data: { ...record.data }, options: structuredClone(record.options) })).toBe(true);
  });

  test('differs only where it was changed', () => {
    const record = parseRecord(text, place);
    const changed = { ...record, data: { ...record.data, IPAddress: '10.0.0.1', Extra: 1 } };
    expect(isUnchanged(changed)).toBe(false);
    // The plugin's driver has no such key yet.
    const isNew = name === 'acme.json';
    const added = `${isNew ? ',\n        "IPAddress": "10.0.0.1"' : ''},\n        "Extra": 1`;
    const expected = isNew ? text : text.replace('"IPAddress": "192.168.99.100"', '"IPAddress": "10.0.0.1"');
    expect(formatRecord(changed)).toBe(expected.replace('\n    },\n    "DriverName"', `${added}$&`));
  });

  test('may be laid out in any way, and stays so while nothing changes', () => {
    const odd = `\n${text.replaceAll(/\n */g, ' ')}\r\n`;
    expect(isUnchanged(parseRecord(odd, place))).toBe(true);
    expect(formatRecord(parseRecord(odd, place))).toBe(text);
  });
});

function made(definition: DriverDefinition, typed: Readonly<Record<string, string>>): MachineRecord {
  const flags = resolveFlags(definition.flags, typed, {});
  const data = definition.configure(flags as never, {
    name: 'dev',
    storePath: '/s',
    sshKeyPath: '/s/machines/dev/id_rsa',
  });
  return {
    name: 'dev',
    driverName: definition.name,
    data,
    options: defaultHostOptions(layout.certs, layout.machine('dev')),
  };
}

const changed = (name: string): MachineRecord => {
  const record = parseRecord(read('by-go', name), place);
  const EngineOptions = { ...record.options.EngineOptions, Labels: [], Env: ['A=<b>'] };
  return { ...record, data: { ...record.data, IPAddress: '10.0.0.1' }, options: { ...record.options, EngineOptions } };
};

describe.each([
  ['new-virtualbox.json', made(virtualBoxDriver, {})],
  ['new-none.json', made(noneDriver, { url: 'tcp://192.0.2.1:2376' })],
  ['changed-virtualbox.json', changed('virtualbox.json')],
  ['changed-generic.json', changed('generic.json')],
  ['changed-none.json', changed('none.json')],
  ['changed-acme.json', changed('acme.json')],
] as const)('%s, as tmachine writes it', (name, record) => {
  test('is what Go was asked about', async () => {
    await expect(formatRecord(record)).toMatchFileSnapshot(join(fixtures, 'by-tmachine', name));
  });

  test('is read by docker-machine, and nothing that it knows is lost', () => {
    const answer = JSON.parse(read('read-by-go', name));
    const own = JSON.parse(read('by-tmachine', name));
    // Keys of our own end with docker-machine's next save; plugins keep all of theirs.
    const lost = Object.keys(own.Driver).filter((key) => !Object.hasOwn(answer.Driver, key));
    expect(lost.filter((key) => !ownKeys.includes(key))).toEqual([]);
    if (lost.length === 0) expect(read('read-by-go', name)).toBe(read('by-tmachine', name));
    for (const key of lost) delete own.Driver[key];
    expect(answer).toEqual(own);
    expect(Object.keys(answer.HostOptions.EngineOptions)).toEqual(Object.keys(own.HostOptions.EngineOptions));
  });
});

const ownKeys = [
  ...['ShareFolders', 'VMID', 'RequestedIP', 'HostOnlyKind', 'HostOnlyName', 'HostOnlyMAC', 'FixedLease'],
  ...['KeepsConsole', 'InstanceID', 'Accelerator'],
];
