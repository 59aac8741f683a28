import { describe, expect, test } from 'vitest';
import { TmachineError } from '../../../src/errors/tmachine-error.ts';
import { matchesState, matchesStored, parseFilters } from '../../../src/machine/filter.ts';
import type { MachineRow } from '../../../src/machine/list.ts';
import { missingHostOptions } from '../../../src/store/host-options.ts';
import type { StoredMachine } from '../../../src/store/machine-store.ts';

function stored(name: string, driverName = 'qemu', labels: readonly string[] = []): StoredMachine {
  const options = missingHostOptions();
  const EngineOptions = { ...options.EngineOptions, Labels: labels };
  return { name, record: { name, driverName, data: {}, options: { ...options, EngineOptions } } };
}

const passes = (machine: StoredMachine, ...filters: string[]): boolean => matchesStored(machine, parseFilters(filters));

describe('parseFilters()', () => {
  test.each([
    ['driver', 'Unsupported filter syntax'],
    ['', 'Unsupported filter syntax'],
    ['size=3', "Unsupported filter key 'size'"],
    ['__proto__=x', "Unsupported filter key '__proto__'"],
    ['constructor=x', "Unsupported filter key 'constructor'"],
    ['name=(', 'Unsupported filter syntax: Invalid regular expression'],
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

  test('compares labels whole', () => {
    expect(passes(stored('a', 'qemu', ['k=v']), 'label=k=v')).toBe(true);
    expect(passes(stored('a', 'qemu', ['k=v']), 'label=k')).toBe(false);
  });

  test('knows no machine of a Swarm that was not asked for', () => {
    expect(passes(stored('a'), 'swarm=a')).toBe(false);
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
