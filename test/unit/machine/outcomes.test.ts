import { describe, expect, test } from 'vitest';
import { TmachineError } from '../../../src/errors/tmachine-error.ts';
import { forEachMachine, throwFailures } from '../../../src/machine/each.ts';
import { createUndoList } from '../../../src/machine/undo.ts';

const failure = (message: string, exitCode?: number, hint?: string): TmachineError =>
  new TmachineError(message, { code: 'TEST', exitCode, hint });

describe('forEachMachine()', () => {
  test('answers in the order of the names, whatever ends first', async () => {
    const outcomes = await forEachMachine(['slow', 'bad', 'quick'], async (name) => {
      if (name === 'slow') await new Promise((resolve) => setTimeout(resolve, 20));
      if (name === 'bad') throw failure('no');
      return name.length;
    });
    expect(outcomes).toEqual([
      { name: 'slow', value: 4 },
      { name: 'bad', error: failure('no') },
      { name: 'quick', value: 5 },
    ]);
  });

  test('runs no more at once than it may', async () => {
    let running = 0;
    let most = 0;
    const names = Array.from({ length: 10 }, (_, index) => String(index));
    const work = async (): Promise<void> => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 2));
      running -= 1;
    };
    expect(await forEachMachine(names, work, 3)).toHaveLength(10);
    expect(most).toBe(3);
  });
});

describe('throwFailures()', () => {
  test('is silent where nothing failed', () => {
    expect(() =>
      throwFailures([
        { name: 'a', value: 1 },
        { name: 'b', value: undefined },
      ]),
    ).not.toThrow();
  });

  test('throws the error of the only machine as it is', () => {
    const only = failure('no', 3);
    expect(() => throwFailures([{ name: 'b', error: only }])).toThrow(only);
  });

  test('says of several machines whose the only error is, unless that is said', () => {
    const failed = (message: string) => () =>
      throwFailures([
        { name: 'a', value: 1 },
        { name: 'dev', error: failure(message, 3, 'try') },
      ]);
    expect(failed('no')).toThrow(
      expect.objectContaining({ message: 'dev: no', exitCode: 3, hint: 'try', code: 'TEST' }),
    );
    expect(failed('Cannot stop "dev"')).toThrow(expect.objectContaining({ message: 'Cannot stop "dev"' }));
  });

  test('joins several, with the highest exit code and each hint once', () => {
    const outcomes = [failure('one', 1, 'try'), failure('two', 3, 'try'), failure('three')].map((error, index) => ({
      name: String(index),
      error,
    }));
    expect(() => throwFailures(outcomes)).toThrow(
      expect.objectContaining({ message: '0: one\n1: two\n2: three', exitCode: 3, hint: 'try' }),
    );
  });

  test('shows a bug before all foreseen failures', () => {
    const bug = new TypeError('boom');
    expect(() =>
      throwFailures([
        { name: 'a', error: failure('no') },
        { name: 'b', error: bug },
      ]),
    ).toThrow(bug);
  });
});

describe('createUndoList()', () => {
  test('reverses last first, goes on after a failure, and does nothing twice', async () => {
    const done: string[] = [];
    const undo = createUndoList();
    undo.add('the folder', async () => void done.push('folder'));
    undo.add('the disk', async () => {
      throw new Error('it is busy');
    });
    undo.add('the machine', async () => void done.push('machine'));
    expect(await undo.run()).toEqual(['the disk: it is busy']);
    expect(done).toEqual(['machine', 'folder']);
    expect(await undo.run()).toEqual([]);
  });
});
