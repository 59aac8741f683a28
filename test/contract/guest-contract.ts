import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Guest } from '../../src/ssh/guest.ts';
import { type OpenOptions, openGuest } from '../../src/ssh/open-guest.ts';
import { type Bench, type StartServer, servers, setUp } from '../support/guest-bench.ts';
import { compileTerminalProbe } from '../support/terminal-probe.ts';

/** What every SSH client of ours promises once it is in, on every kind of server. */
export function guestContract(kind: OpenOptions['kind']): void {
  describe.each(Object.entries(servers))(`the ${kind} client and %s`, (_name, start) => {
    contractOf(kind, start);
  });
}

function contractOf(kind: OpenOptions['kind'], start: StartServer): void {
  let bench: Bench;
  let guest: Guest;
  beforeAll(async () => {
    bench = await setUp(kind, start);
    guest = await openGuest(bench.address(), bench.options);
  });
  afterAll(async () => {
    await guest?.close();
    await bench?.[Symbol.asyncDispose]();
  });

  test('run() tells the exit status and keeps the outputs apart', async () => {
    expect(await guest.run('echo out; echo err >&2; exit 7')).toEqual({
      exitCode: 7,
      stdout: 'out\n',
      stderr: 'err\n',
    });
    expect(await guest.run('exit 255')).toMatchObject({ exitCode: 255, stdout: '', stderr: '' });
  });

  test('run() gives an argument vector to the program unchanged', async () => {
    const words = ['a b', "it's", '$HOME', '`id`', '*', '', '-n', 'ü\n"'];
    const { stdout } = await guest.run(['printf', '[%s]', ...words]);
    expect(stdout).toBe(words.map((word) => `[${word}]`).join(''));
  });

  test('run() gives no input where there is none', async () => {
    expect(await guest.run('cat; echo end')).toMatchObject({ exitCode: 0, stdout: 'end\n' });
  });

  test('run() takes a command that begins with a dash as a command', async () => {
    const { exitCode, stderr } = await guest.run('-V');
    expect(exitCode).toBeGreaterThan(0);
    expect(stderr).not.toContain('OpenSSH');
  });

  test('run() ends a command that takes too long', async () => {
    const startedAt = Date.now();
    await expect(guest.run('exec sleep 30', { timeoutMs: 500 })).rejects.toMatchObject({
      code: 'SSH_COMMAND_TIMED_OUT',
    });
    expect(Date.now() - startedAt).toBeLessThan(5000);
  });

  test('run() reports a signal as 128 and its number, where the client is told of it', async () => {
    const { exitCode } = await guest.run('kill -KILL $$');
    expect(exitCode).toBe(kind === 'native' ? 137 : 255);
  });

  test('run() does several commands at once', async () => {
    const results = await Promise.all(['1', '2', '3'].map(async (word) => await guest.run(['echo', word])));
    expect(results.map((result) => result.stdout)).toEqual(['1\n', '2\n', '3\n']);
  });

  test('stream() carries 5 MiB of bytes both ways', async () => {
    const bytes = randomBytes(5 * 1024 * 1024);
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const digests = Promise.all([digest(stdout), digest(stderr)]);
    expect(await guest.stream('cat', { stdin: Readable.from(slices(bytes)), stdout, stderr })).toBe(0);
    expect(await guest.stream('cat >&2', { stdin: Readable.from(slices(bytes)), stdout, stderr })).toBe(0);
    stdout.end();
    stderr.end();
    const sent = createHash('sha256').update(bytes).digest('hex');
    expect(await digests).toEqual([sent, sent]);
  });

  test('stream() ends although the input stays open', async () => {
    const stdin = new PassThrough();
    const [stdout, stderr] = [new PassThrough(), new PassThrough().resume()];
    stdin.write('one line\n');
    expect(await guest.stream('head -n 1; exit 3', { stdin, stdout, stderr })).toBe(3);
    stdout.end();
    expect(await text(stdout)).toBe('one line\n');
  });

  test('stream() without a command feeds a login shell', async () => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough().resume()];
    const stdin = Readable.from(['echo "$((6 * 7))"\n', 'exit 5\n']);
    expect(await guest.stream(undefined, { stdin, stdout, stderr })).toBe(5);
    stdout.end();
    expect(await text(stdout)).toContain('42\n');
  });

  test('stream() rejects and ends when it is interrupted', async () => {
    const controller = new AbortController();
    const own = await openGuest(bench.address(), { ...bench.options, signal: controller.signal });
    const reason = new Error('interrupted');
    setTimeout(() => controller.abort(reason), 300);
    const streams = { stdout: new PassThrough().resume(), stderr: new PassThrough().resume() };
    await expect(own.stream('exec sleep 30', streams)).rejects.toBe(reason);
    await own.close();
  });

  test('write() and read() keep bytes and mode', async () => {
    const file = join(mkdtempSync(join(bench.folder, 'files ')), "it's here");
    const bytes = randomBytes(70_000);
    await guest.write(file, bytes, 0o640);
    expect(Buffer.compare(await guest.read(file), bytes)).toBe(0);
    expect((await guest.run(['stat', '-c', '%a', file])).stdout).toBe('640\n');
    expect(readdirSync(join(file, '..'))).toHaveLength(1);
  });

  test('read() and write() name the file and the reason of a failure', async () => {
    const file = join(bench.folder, 'no', 'file');
    await expect(guest.read(file)).rejects.toMatchObject({ code: 'GUEST_FILE_UNREADABLE' });
    await expect(guest.write(file, 'x', 0o600)).rejects.toThrow(
      /Cannot write ".*no\/file" in the guest: .*(No such|nonexistent)/,
    );
  });

  terminalTest(kind, () => bench);
}

/** What a user at a terminal meets. */
function terminalTest(kind: OpenOptions['kind'], bench: () => Bench): void {
  test('shell() is a terminal that follows the size of the window and ends with the status of the shell', async () => {
    using probe = compileTerminalProbe();
    const user = await probe.open(bench().address(), kind);
    try {
      user.type('stty size; echo "TERM is $TERM"\n');
      await user.sees(/30 90\s[\s\S]*TERM is vt220/);
      user.resize(40, 120);
      // The guest learns of it when it does: ask until then.
      user.type('until [ "$(stty size)" = "40 120" ]; do sleep 0.1; done; echo "now $(stty size)"\n');
      await user.sees(/now 40 120/);
      // An interrupt is for the program in the guest, not for us.
      user.type('sleep 60\n');
      await user.sees(/sleep 60/);
      user.type('\x03');
      user.type('echo "still $((40 + 2))"; exit 9\n');
      await user.sees(/still 42[\s\S]*left with raw mode false/);
      expect(await user.exitCode).toBe(9);
    } finally {
      user.leave();
    }
  });
}

async function digest(stream: Readable): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

function* slices(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += 100_000) yield bytes.subarray(start, start + 100_000);
}
