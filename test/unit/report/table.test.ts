import { expect, test } from 'vitest';
import { formatTable } from '../../../src/report/table.ts';

test('formatTable() aligns the rows of ls as Go does, empty cells and last cells included', () => {
  const rows = [
    ['NAME', 'ACTIVE', 'DRIVER', 'STATE', 'URL', 'SWARM', 'DOCKER', 'ERRORS'],
    ['dev', '*', 'virtualbox', 'Running', 'tcp://192.168.99.100:2376', '', 'v19.03.12', ''],
    ['x', '-', 'none', '', '', '', 'Unknown', 'an error'],
  ];
  expect(formatTable(rows)).toBe(
    [
      'NAME   ACTIVE   DRIVER       STATE     URL                         SWARM   DOCKER      ERRORS\n',
      'dev    *        virtualbox   Running   tcp://192.168.99.100:2376           v19.03.12   \n',
      'x      -        none                                                       Unknown     an error\n',
    ].join(''),
  );
});

test('formatTable() gives a narrow column the least width of five', () => {
  expect(formatTable([['a', 'b', 'c']])).toBe('a    b    c\n');
});

test('formatTable() ends a column where a row does not have it', () => {
  const rows = [['long cell', 'x'], ['alone'], ['s', 'y']];
  expect(formatTable(rows)).toBe('long cell   x\nalone\ns    y\n');
});

test('formatTable() counts code points', () => {
  expect(
    formatTable([
      ['héé😀', 'x'],
      ['abcd', 'y'],
    ]),
  ).toBe('héé😀   x\nabcd   y\n');
});

test('formatTable() of nothing is nothing', () => {
  expect(formatTable([])).toBe('');
});
