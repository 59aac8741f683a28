import { describe, expect, test } from 'vitest';
import { formatAge } from '../../../src/cli/images.ts';
import { isActive } from '../../../src/machine/active.ts';
import { formatDisagreement } from '../../../src/machine/connection.ts';
import { parseBootProgress } from '../../../src/machine/console-stages.ts';
import { compareNaturally } from '../../../src/machine/list.ts';

describe('parseBootProgress()', () => {
  test.each([
    [[], 'loading its kernel'],
    [['[    0.0] Linux version 6.12'], 'loading its kernel'],
    [['tmachine: init'], 'finding the disk'],
    [['tmachine: init', 'tmachine: disk', 'other'], 'joining the network'],
    [['tmachine: network\r'], 'starting Docker'],
    [['\u001b[0m[    3.1] tmachine: docker starting\r'], 'starting Docker'],
    [['tmachine: some new stage'], 'loading its kernel'],
  ])('reads %j as %j', (lines, doing) => {
    expect(parseBootProgress(lines)).toEqual({ doing });
  });

  test('keeps what dockerd said when it failed', () => {
    const lines = ['tmachine: docker starting', 'tmachine: docker failed', '', 'unknown flag: --nope\r', 'bye'];
    expect(parseBootProgress(lines).dockerFailure).toEqual(['unknown flag: --nope', 'bye']);
    expect(parseBootProgress(['tmachine: docker failed']).dockerFailure).toEqual([]);
  });
});

describe('compareNaturally()', () => {
  test('takes numbers by value and letters in any case', () => {
    const names = ['b', 'A10', 'a2', 'C', 'a1'];
    expect(names.toSorted(compareNaturally)).toEqual(['a1', 'a2', 'A10', 'b', 'C']);
  });

  test('puts names that differ only in case in one order', () => {
    expect(['a', 'A'].toSorted(compareNaturally)).toEqual(['A', 'a'].toSorted(compareNaturally));
  });
});

describe('isActive()', () => {
  const url = 'tcp://1.2.3.4:2376';
  test.each([
    [{ name: 'dev', url }, { url }, true],
    [{ name: 'dev', url }, { url: 'tcp://1.2.3.4:2377' }, false],
    [{ name: 'dev', url }, { machine: 'dev' }, true],
    [{ name: 'dev', url }, { machine: 'other' }, false],
    [{ name: 'dev', url }, undefined, false],
    [{ name: 'dev', url: '' }, { url: '' }, false],
    [{ name: 'dev', url: '' }, { machine: 'dev' }, false],
  ])('of %j where the Docker CLI talks to %j is %j', (machine, target, answer) => {
    expect(isActive(target, machine)).toBe(answer);
  });
});

test('formatDisagreement() speaks as docker-machine does', () => {
  expect(
    formatDisagreement({ prefix: 'Error checking TLS connection', host: '1.2.3.4:2376', reason: 'x509: no' }),
  ).toBe(
    'Error checking TLS connection: Error checking and/or regenerating the certs: There was an error validating certificates for host "1.2.3.4:2376": x509: no\n' +
      "You can attempt to regenerate them using 'tmachine regenerate-certs [name]'.\n" +
      'Be advised that this will trigger a Docker daemon restart which might stop running containers.',
  );
});

test.each([
  [-5000, '0 seconds'],
  [0, '0 seconds'],
  [1000, '1 second'],
  [59_999, '59 seconds'],
  [60_000, '1 minute'],
  [7_200_000, '2 hours'],
  [86_400_000, '1 day'],
  [40 * 86_400_000, '40 days'],
])('formatAge(%j) is %j', (elapsedMs, text) => {
  expect(formatAge(elapsedMs)).toBe(text);
});
