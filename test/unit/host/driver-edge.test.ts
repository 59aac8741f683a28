import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectLocal } from '../../../src/host/connect.ts';
import { startDetached } from '../../../src/host/detached.ts';
import { findListener, parseListeningInodes } from '../../../src/host/find-listener.ts';
import { linkOrCopy } from '../../../src/host/link-or-copy.ts';
import { acceptsConnections, holdPort, isPortFree } from '../../../src/host/network.ts';
import { isSameProcess } from '../../../src/host/process-identity.ts';
import { readTail } from '../../../src/host/read-tail.ts';
import { signalProcess } from '../../../src/host/signal-process.ts';
import { createSparseFile } from '../../../src/host/sparse-file.ts';

const { platform } = process;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tmachine-edge-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('createSparseFile()', () => {
  test('takes no room for its zeros', async () => {
    const path = join(folder, 'disk.img');
    await createSparseFile(path, 1 << 30, Buffer.from('head'));
    const file = await stat(path);
    expect(file.size).toBe(1 << 30);
    expect(file.blocks * 512).toBeLessThan(1 << 20);
    expect((await readTail(path, 4)).length).toBe(4);
  });

  test('never touches a file that exists', async () => {
    const path = join(folder, 'disk.img');
    await writeFile(path, 'precious');
    await expect(createSparseFile(path, 10, Buffer.alloc(0))).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    expect(await readFile(path, 'utf8')).toBe('precious');
  });
});

describe('linkOrCopy()', () => {
  test('links, also onto a link of the same file', async () => {
    const [from, to] = [join(folder, 'a'), join(folder, 'b')];
    await writeFile(from, 'image');
    await linkOrCopy(from, to);
    await linkOrCopy(from, to);
    expect((await stat(to)).ino).toBe((await stat(from)).ino);
    expect((await stat(to)).nlink).toBe(2);
  });

  test('copies where a link is not possible', async () => {
    // Memory of its own file system, so that a link from there must fail.
    const elsewhere = await mkdtemp('/dev/shm/tmachine-edge-');
    await writeFile(join(elsewhere, 'a'), 'image');
    await linkOrCopy(join(elsewhere, 'a'), join(folder, 'copy'));
    await rm(elsewhere, { recursive: true });
    expect(await readFile(join(folder, 'copy'), 'utf8')).toBe('image');
  });

  test('leaves nothing behind when there is nothing to copy', async () => {
    await expect(linkOrCopy(join(folder, 'none'), join(folder, 'to'))).rejects.toMatchObject({
      code: 'FILE_NOT_COPIED',
    });
    await expect(stat(join(folder, 'to.new'))).rejects.toThrow('ENOENT');
  });
});

test('readTail() reads the end of a file, all of a short one, and nothing of a missing one', async () => {
  const path = join(folder, 'log');
  await writeFile(path, 'one\ntwo\n');
  expect(await readTail(path, 4)).toBe('two\n');
  expect(await readTail(path, 100)).toBe('one\ntwo\n');
  expect(await readTail(join(folder, 'none'), 100)).toBe('');
});

test('connectLocal() reaches a Unix socket at a path longer than a socket address holds', async () => {
  const deep = join(folder, 'd'.repeat(120), 'e'.repeat(120));
  await mkdir(deep, { recursive: true });
  const script = 'require("net").createServer((s)=>s.end("hello")).listen("s.sock",()=>console.log("up"))';
  const server = execFile(process.execPath, ['-e', script], { cwd: deep });
  await new Promise((resolve) => server.stdout?.once('data', resolve));
  for (const system of [platform, 'freebsd'] as const) {
    const socket = await connectLocal(join(deep, 's.sock'), system);
    expect(String(await new Promise((resolve) => socket.once('data', resolve)))).toBe('hello');
    socket.destroy();
  }
  server.kill();
});

describe('startDetached()', () => {
  const start = async (script: string) =>
    await startDetached(
      { program: 'sh', args: ['-c', script], cwd: folder },
      { env: process.env, platform, logFile: join(folder, 'log') },
    );

  test('gives a program a session of its own, its folder and its log', async () => {
    const identity = await start('pwd; echo problem >&2; exec sleep 60');
    await expect.poll(async () => await readTail(join(folder, 'log'), 1000)).toBe(`${folder}\nproblem\n`);
    const { stdout } = await promisify(execFile)('ps', ['-o', 'sid=', '-p', String(identity.pid)]);
    expect(Number(stdout)).toBe(identity.pid);
    expect(await isSameProcess(identity, platform)).toBe(true);
    await signalProcess({ ...identity, startedAt: 'of another process' }, 'SIGKILL', platform);
    expect(await isSameProcess(identity, platform)).toBe(true);
    await signalProcess(identity, 'SIGKILL', platform);
    await expect.poll(async () => await isSameProcess(identity, platform)).toBe(false);
    await signalProcess(identity, 'SIGKILL', platform);
  });

  test('says when there is no such program', async () => {
    const context = { env: process.env, platform, logFile: join(folder, 'log') };
    const started = startDetached({ program: 'no-such-program', args: [] }, context);
    await expect(started).rejects.toMatchObject({ code: 'PROGRAM_NOT_FOUND' });
  });
});

test('holdPort() keeps a port from others until it is disposed of', async () => {
  const held = await holdPort('127.0.98.1', 23_999);
  expect(await isPortFree('127.0.98.1', 23_999)).toBe(false);
  expect(await holdPort('127.0.98.1', 23_999)).toBeUndefined();
  await held?.[Symbol.asyncDispose]();
  expect(await isPortFree('127.0.98.1', 23_999)).toBe(true);
});

test('acceptsConnections() tells whether a server answers in time', async () => {
  await using _held = await holdPort('127.0.98.1', 23_996);
  expect(await acceptsConnections('127.0.98.1', 23_996, 1000)).toBe(true);
  expect(await acceptsConnections('127.0.98.1', 23_995, 1000)).toBe(false);
  // Addresses of this block (RFC 5737) belong to nobody, so nobody ever answers.
  const startedAt = Date.now();
  expect(await acceptsConnections('192.0.2.1', 23_996, 100)).toBe(false);
  expect(Date.now() - startedAt).toBeLessThan(1000);
});

describe('findListener()', () => {
  test('finds the program, also one that listens on all addresses', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(23_998, resolve));
    expect(await findListener('127.0.98.2', 23_998, platform)).toMatchObject({ pid: process.pid });
    expect(await findListener('127.0.98.2', 23_997, platform)).toBeUndefined();
    await new Promise((resolve) => server.close(resolve));
  });

  test('parseListeningInodes() takes listening sockets of the address only', () => {
    const table = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      '   0: 6463007F:0948 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1',
      '   1: 6463007F:0948 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 222 1',
      '   2: 6563007F:0948 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 333 1',
      '   3: 00000000:0948 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 444 1',
    ].join('\n');
    expect(parseListeningInodes(table, '127.0.99.100', 2376)).toEqual(['111', '444']);
  });
});
