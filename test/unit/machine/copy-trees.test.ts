import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EventBody } from '../../../src/events/event.ts';
import { copyTrees } from '../../../src/machine/copy/copy-trees.ts';
import { openLocalTree } from '../../../src/machine/copy/local-tree.ts';

// Both sides are on this computer: what differs between places is tried with real servers.
let top: string;
let events: EventBody[];

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'copy-'));
  events = [];
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

async function copy(source: string, target: string, options: { recursive?: boolean; signal?: AbortSignal } = {}) {
  const tree = openLocalTree(process.platform);
  const place = (path: string) => ({ tree, path: `${top}/${path}`, hasWildcards: true });
  const { recursive = false, signal = new AbortController().signal } = options;
  const emit = (event: EventBody): void => void events.push(event);
  await copyTrees({ from: place(source), to: place(target), recursive }, { emit, signal });
}

function put(path: string, content = 'content', mode = 0o644): void {
  mkdirSync(join(top, path, '..'), { recursive: true });
  writeFileSync(join(top, path), content);
  chmodSync(join(top, path), mode);
}

describe('where a copy ends up', () => {
  test.each([
    ['folder', 'new', 'new/file'],
    ['folder/', 'new', 'new/file'],
    ['folder', 'new/', 'new/file'],
    ['folder', 'old', 'old/folder/file'],
    ['folder/', 'old/', 'old/folder/file'],
    ['folder/.', 'old', 'old/file'],
    ['folder/.', 'new', 'new/file'],
    ['folder/sub/..', 'old', 'old/file'],
    ['folder/file', 'new', 'new'],
    ['folder/file', 'old', 'old/file'],
    ['folder/file', 'old/', 'old/file'],
    ['folder/../folder/file', 'old', 'old/file'],
    ['fol*', 'old', 'old/folder/file'],
    ['folder/f?le', 'new', 'new'],
  ])('%s to %s becomes %s', async (source, target, result) => {
    put('folder/file');
    mkdirSync(join(top, 'folder/sub'));
    mkdirSync(join(top, 'old'));
    await copy(source, target, { recursive: true });
    expect(readFileSync(join(top, result), 'utf8')).toBe('content');
  });

  test.each([
    ['folder', 'new', 'it is a folder'],
    ['file', 'new/', 'there is no such folder'],
    ['file', 'other/', 'a part of the path is not a folder'],
    ['folder/.', 'new', 'it is a folder'],
    ['none', 'new', 'there is no such file or folder'],
    ['file/', 'new', 'a part of the path is not a folder'],
    ['file', 'new/deep', 'there is no such file or folder'],
    ['file', 'other/deep', 'a part of the path is not a folder'],
    ['f*', 'other', 'it is not a folder'],
  ])('%s to %s is refused: %s', async (source, target, reason) => {
    put('folder/file');
    put('file');
    put('folder2/file');
    put('other', 'untouched');
    const before = readdirSync(top, { recursive: true });
    await expect(copy(source, target)).rejects.toThrow(reason);
    expect(readdirSync(top, { recursive: true })).toEqual(before);
    expect(readFileSync(join(top, 'other'), 'utf8')).toBe('untouched');
  });

  test('a folder over a file, and a file over a folder, fail alone', async () => {
    put('from/a/file');
    put('from/b');
    put('from/c');
    put('to/a');
    mkdirSync(join(top, 'to/b'));
    const copied = copy('from/.', 'to', { recursive: true });
    await expect(copied).rejects.toMatchObject({ code: 'SEVERAL_FAILED' });
    await expect(copied).rejects.toThrow(/Cannot make the folder ".*to\/a": it is a file/);
    await expect(copied).rejects.toThrow(/Cannot write ".*to\/b": it is a folder/);
    expect(readFileSync(join(top, 'to/c'), 'utf8')).toBe('content');
  });
});

test('what cannot be copied is named, and the rest is copied', async () => {
  put('tree/good');
  put('tree/sub/good');
  symlinkSync('nowhere', join(top, 'tree/dead'));
  symlinkSync('..', join(top, 'tree/sub/round'));
  symlinkSync('self', join(top, 'tree/self'));
  spawnSync('mkfifo', [join(top, 'tree/pipe')]);
  const copied = copy('tree', 'copy', { recursive: true });
  await expect(copied).rejects.toThrow(/tree\/dead": this link leads nowhere/);
  await expect(copied).rejects.toThrow(/tree\/self": this link leads nowhere/);
  await expect(copied).rejects.toThrow(/tree\/sub\/round": this link leads to a folder that it is in/);
  await expect(copied).rejects.toThrow(/tree\/pipe": it is neither a file nor a folder/);
  expect(readdirSync(join(top, 'copy'), { recursive: true }).sort()).toEqual(['good', 'sub', 'sub/good']);
});

test('new files have the permissions of their source, whatever the umask; set-user-ID is never kept', async () => {
  put('tree/private', 'x', 0o600);
  put('tree/open', 'x', 0o777);
  put('tree/powerful', 'x', 0o4755);
  put('tree/readonly', 'x', 0o444);
  mkdirSync(join(top, 'tree/locked'));
  put('tree/locked/file');
  chmodSync(join(top, 'tree/locked'), 0o555);
  await copy('tree', 'copy', { recursive: true });
  const mode = (name: string): string => (statSync(join(top, 'copy', name)).mode & 0o7777).toString(8);
  expect(['private', 'open', 'powerful', 'readonly', 'locked'].map(mode)).toEqual(['600', '777', '755', '444', '555']);
});

test('progress counts to the end', async () => {
  put('tree/a', 'x'.repeat(700_000));
  put('tree/b', 'y'.repeat(300_000));
  await copy('tree', 'copy', { recursive: true });
  const last = events.filter((event) => event.type === 'step.progress').at(-1);
  expect(last).toMatchObject({ step: 'copy', done: 1_000_000, total: 1_000_000 });
});

test('an aborted copy rejects with the reason and leaves no file', async () => {
  put('file', 'x'.repeat(1_000_000));
  const reason = new Error('interrupted');
  await expect(copy('file', 'copy', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(readdirSync(top)).toEqual(['file']);
});

test('a name with control characters cannot play with the terminal', async () => {
  await expect(copy('\u001b[2J\u009b', 'copy')).rejects.toThrow(/\\x1b\[2J\\x9b"/);
});
