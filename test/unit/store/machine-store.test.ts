import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaultHostOptions } from '../../../src/store/host-options.ts';
import { createStore, type MachineStore } from '../../../src/store/machine-store.ts';
import type { MachineRecord } from '../../../src/store/record.ts';

const run = promisify(execFile);

let folder: string;
let store: MachineStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tmachine-store-'));
  store = createStore({ directory: folder, platform: process.platform, signal: new AbortController().signal });
});

afterEach(async () => await rm(folder, { recursive: true, force: true }));

function machine(name: string): MachineRecord {
  const options = defaultHostOptions(store.layout.certs, store.layout.machine(name));
  return { name, driverName: 'none', data: { URL: 'tcp://1.2.3.4:2376' }, options };
}

test('save() makes a private folder with a private file, and load() reads it back', async () => {
  await store.save(machine('dev'));
  const files = store.layout.machine('dev');
  // Windows has no modes, and its home folders are closed to others.
  if (process.platform !== 'win32') expect((await stat(files.directory)).mode & 0o777).toBe(0o700);
  if (process.platform !== 'win32') expect((await stat(files.config)).mode & 0o777).toBe(0o600);
  expect(await store.load('dev')).toMatchObject(machine('dev'));
  expect(await readdir(files.directory)).toEqual(['config.json']);
});

test('save() leaves a file alone that already says the same', async () => {
  await store.save(machine('dev'));
  const before = await stat(store.layout.machine('dev').config);
  await store.save(await store.load('dev'));
  const after = await stat(store.layout.machine('dev').config);
  expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
});

test('save() keeps the file of an older version beside the new one', async () => {
  const files = store.layout.machine('old');
  const text = '{"ConfigVersion":2,"Driver":{},"DriverName":"none","HostOptions":{},"Name":"old"}';
  await mkdir(files.directory, { recursive: true });
  await writeFile(files.config, text);
  await store.save(await store.load('old'));
  expect(await readFile(files.configBackup, 'utf8')).toBe(text);
  expect(JSON.parse(await readFile(files.config, 'utf8'))).toMatchObject({ ConfigVersion: 3 });
});

test('reading an empty store finds nothing and makes nothing', async () => {
  expect(await store.names()).toEqual([]);
  expect(await store.loadAll()).toEqual([]);
  await expect(store.load('dev')).rejects.toThrow(
    'Docker machine "dev" does not exist. Use "tmachine ls" to list machines. Use "tmachine create" to add a new one.',
  );
  expect(await readdir(folder)).toEqual([]);
});

test('loadAll() explains each broken machine and still reads the others', async () => {
  await store.save(machine('good'));
  const broken = { empty: '', cut: '{"ConfigVersion": 3, "Dr', junk: '\u0000\ufffd', future: '{"ConfigVersion": 9}' };
  for (const [name, text] of Object.entries(broken)) {
    await mkdir(store.layout.machine(name).directory);
    await writeFile(store.layout.machine(name).config, text);
  }
  await mkdir(store.layout.machine('bare').directory);
  await mkdir(join(store.layout.machines, '.hidden'));
  await writeFile(join(store.layout.machines, 'a-file'), '');
  const found = new Map((await store.loadAll()).map((entry) => [entry.name, entry.error?.code ?? 'ok']));
  expect(Object.fromEntries(found)).toEqual({
    good: 'ok',
    empty: 'CONFIG_UNREADABLE',
    cut: 'CONFIG_UNREADABLE',
    junk: 'CONFIG_UNREADABLE',
    future: 'CONFIG_FROM_FUTURE',
    bare: 'CONFIG_UNREADABLE',
  });
});

test('findName() sees a name that differs only in case', async () => {
  await store.save(machine('Dev'));
  expect(await store.findName('dEV')).toBe('Dev');
  expect(await store.findName('other')).toBeUndefined();
});

test.each(['', '.', '..', '../certs', 'a/b', 'a\\b', 'C:x'])(
  'load() and remove() do not follow the name %j',
  async (name) => {
    await mkdir(join(folder, 'certs'));
    await expect(store.load(name)).rejects.toMatchObject({ code: 'MACHINE_NOT_FOUND' });
    await expect(store.remove(name)).rejects.toMatchObject({ code: 'MACHINE_NOT_FOUND' });
    expect(await readdir(folder)).toEqual(['certs']);
  },
);

test('remove() deletes a wreck, and what is not there is no failure', async () => {
  const { directory } = store.layout.machine('wreck');
  await mkdir(join(directory, 'deep', 'er'), { recursive: true });
  await writeFile(join(directory, 'deep', 'disk'), 'x');
  await store.remove('wreck');
  await store.remove('wreck');
  expect(await store.names()).toEqual([]);
});

test('save() says what failed when the folder cannot be made', async () => {
  await writeFile(store.layout.machines, 'in the way');
  await expect(store.save(machine('dev'))).rejects.toMatchObject({
    code: 'STORE_NOT_WRITABLE',
    message: expect.stringContaining('Cannot save machine "dev"'),
  });
});

test('withMachineLock() lets one at a time work, whatever the case of the name', async () => {
  const order: string[] = [];
  const work = (name: string) =>
    store.withMachineLock(name, async () => {
      order.push('in');
      await new Promise((resolve) => setTimeout(resolve, 20));
      order.push('out');
    });
  await Promise.all([work('dev'), work('DEV')]);
  expect(order).toEqual(['in', 'out', 'in', 'out']);
  expect(await readdir(store.layout.locks)).toEqual([]);
});

test('withLock() says what failed when the lock cannot be written, and passes on what the work throws', async () => {
  await expect(store.withLock('images', async () => Promise.reject(new Error('own')))).rejects.toThrow('own');
  await rm(store.layout.locks, { recursive: true });
  await writeFile(store.layout.locks, 'in the way');
  await expect(store.withLock('images', async () => 1)).rejects.toMatchObject({
    code: 'STORE_NOT_WRITABLE',
    message: expect.stringContaining("Cannot lock the store's images"),
  });
});

test('a full disk leaves the old record as it was, and says so', async ({ skip }) => {
  const disk = join(folder, 'disk');
  await mkdir(disk);
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]).then(
    () => true,
    () => false,
  );
  skip(!mounted, 'needs the right to mount');
  try {
    const small = createStore({ directory: disk, platform: process.platform, signal: new AbortController().signal });
    await small.save(machine('dev'));
    const before = await readFile(small.layout.machine('dev').config, 'utf8');
    const full = { ...machine('dev'), data: { Blob: 'x'.repeat(100_000) } };
    await expect(small.save(full)).rejects.toMatchObject({
      code: 'STORE_NOT_WRITABLE',
      message: expect.stringContaining('the disk is full'),
      hint: expect.stringContaining('make room'),
    });
    expect(await readFile(small.layout.machine('dev').config, 'utf8')).toBe(before);
    expect(await readdir(small.layout.machine('dev').directory)).toEqual(['config.json']);
  } finally {
    await run('umount', [disk]);
  }
});
