import { describe, expect, test } from 'vitest';
import { TmachineError } from '../../../src/errors/tmachine-error.ts';
import { matchesState, matchesStored, parseFilters } from '../../../src/machine/filter.ts';
import type { MachineRow } from '../../../src/machine/list.ts';
import { formatSwarm, swarmMasters, swarmUrl } from '../../../src/machine/swarm.ts';
import { missingHostOptions } from '../../../src/store/host-options.ts';
import type { StoredMachine } from '../../../src/store/machine-store.ts';

function stored(name: string, driverName = 'qemu', labels: readonly string[] = []): StoredMachine {
  const options = missingHostOptions();
  const EngineOptions = { ...options.EngineOptions, Labels: labels };
  return { name, record: { name, driverName, data: {}, options: { ...options, EngineOptions } } };
}

function inSwarm(name: string, isMaster: boolean): StoredMachine {
  const options = missingHostOptions();
  const SwarmOptions = { ...options.SwarmOptions, IsSwarm: true, Discovery: 'token://1', Master: isMaster };
  return { name, record: { name, driverName: 'qemu', data: {}, options: { ...options, SwarmOptions } } };
}

const passes = (machine: StoredMachine, ...filters: string[]): boolean => matchesStored(machine, parseFilters(filters));

describe('parseFilters()', () => {
  test.each([
    ['driver', 'Unsupported filter syntax'],
    ['', 'Unsupported filter syntax'],
    ['size=3', "Unsupported filter key 'size'"],
    ['__proto__=x', "Unsupported filter key '__proto__'"],
    ['constructor=x', "Unsupported filter key 'constructor'"],
    ['name=(', 'Unsupported filter syntax: error parsing regexp: missing closing ): `(`'],
  ])('refuses %j', (text, words) => {
    expect(() => parseFilters([text])).toThrow(words);
    expect(() => parseFilters([text])).toThrow(TmachineError);
  });

  test('takes keys in any case and blanks around them', () => {
    expect(parseFilters([' Driver = qemu ', 'label=a=b'])).toMatchObject({ driver: ['qemu'], label: ['a=b'] });
  });
});

describe('matchesStored()', () => {
  test('passes everything without filters', () => {
    expect(passes(stored('a'))).toBe(true);
  });

  test('joins values of one key with "or" and keys with "and"', () => {
    expect(passes(stored('a'), 'driver=none', 'driver=QEMU')).toBe(true);
    expect(passes(stored('a'), 'driver=none')).toBe(false);
    expect(passes(stored('a'), 'driver=qemu', 'name=^b')).toBe(false);
    expect(passes(stored('abc'), 'driver=qemu', 'name=b')).toBe(true);
  });

  test('finds labels by name and value, or by name alone; case matters in names only', () => {
    const machine = stored('a', 'qemu', ['k=v', 'flag', 'e=']);
    for (const label of ['k=v', 'k=V', 'k', 'flag', 'e=', 'e', 'flag='])
      expect(passes(machine, `label=${label}`)).toBe(true);
    for (const label of ['K=v', 'k=', 'k=w', 'v', 'flag=x', 'k=v=', ''])
      expect(passes(machine, `label=${label}`)).toBe(false);
    expect(passes(machine, 'label=x', 'label=k')).toBe(true);
  });

  test('takes names in the syntax of Go', () => {
    expect(passes(stored('web-1'), 'name=(?i)^WEB-[[:digit:]]$')).toBe(true);
  });

  test('finds the members of a Swarm by its master', () => {
    const [master, member, other] = [inSwarm('boss', true), inSwarm('worker', false), stored('lone')];
    const masters = swarmMasters([master, member, other]);
    const found = [master, member, other].filter((machine) =>
      matchesStored(machine, parseFilters(['swarm=BOSS']), masters),
    );
    expect(found.map(({ name }) => name)).toEqual(['boss', 'worker']);
    expect([master, member, other].map((machine) => formatSwarm(machine, masters))).toEqual([
      'boss (master)',
      'boss',
      '',
    ]);
    expect(passes(stored('a'), 'swarm=a')).toBe(false);
  });

  test('swarmUrl() has the port of the Swarm', () => {
    expect(swarmUrl('tcp://192.168.99.100:2376', 'tcp://0.0.0.0:3376')).toBe('tcp://192.168.99.100:3376');
  });

  test('passes a machine that cannot be read by its name alone', () => {
    const wreck: StoredMachine = { name: 'wreck', error: new TmachineError('no', { code: 'CONFIG_UNREADABLE' }) };
    expect(passes(wreck, 'name=wr')).toBe(true);
    expect(passes(wreck, 'name=wr', 'driver=qemu')).toBe(false);
  });
});

test('matchesState() ignores case', () => {
  const row = { state: 'Running' } as MachineRow;
  expect(matchesState(row, parseFilters(['state=running']))).toBe(true);
  expect(matchesState(row, parseFilters(['state=Stopped', 'state=Error']))).toBe(false);
});
