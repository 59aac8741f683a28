import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeWith } from '../support/requires.ts';
import { makeTempStore, type TempStore } from '../support/temp-store.ts';

const program = join(import.meta.dirname, '..', '..', 'bin', 'tmachine.cjs');
let temp: TempStore;

beforeEach(async () => {
  temp = await makeTempStore();
  await temp.add('dev', 'none', { URL: 'tcp://127.0.0.1:1', IPAddress: '127.0.0.1:1', MachineName: 'dev' });
});

afterEach(async () => await temp[Symbol.asyncDispose]());

/** Runs a line of bash in which `$T` is the program; the line ends with what is to be known. */
async function bash(line: string): Promise<string> {
  const env = { ...temp.env, PATH: process.env['PATH'] ?? '', NODE: process.execPath, PROGRAM: program };
  const child = spawn('bash', ['-c', `T() { "$NODE" "$PROGRAM" "$@"; }; ${line}`], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  await new Promise((done) => child.once('close', done));
  return said;
}

describeWith(['bash'], 'an output that nobody reads', () => {
  const answers = [
    'ls',
    'ls -q',
    'ls -o json',
    'status dev',
    'inspect dev',
    'env -u --shell bash',
    '--help',
    'version',
    'help create',
  ];

  test.each(answers)('%s ends without a word', async (words) => {
    expect(await bash(`T ${words} | true; echo "\${PIPESTATUS[0]}"`)).toBe('0\n');
    expect(await bash(`T ${words} | head -0; echo "\${PIPESTATUS[0]}"`)).toBe('0\n');
    // Closed from the start: Node opens it anew, on nothing.
    expect(await bash(`T ${words} >&-; echo $?`)).toBe('0\n');
  });

  test('keeps the status of a failure, whichever output is closed', async () => {
    expect(await bash('T status nope 2>&- ; echo $?')).toBe('1\n');
    expect(await bash('exec 3>&1; { T status nope 2>&1 >/dev/null; echo $? >&3; } | true')).toBe('1\n');
    expect(await bash('T start nope 2>/dev/full; echo $?')).toBe('1\n');
  });

  test.each(['ls', 'version', '--help'])('%s says that the disk is full', async (words) => {
    expect(await bash(`T ${words} >/dev/full; echo $?`)).toMatch(/^Cannot write to standard output: ENOSPC.*\n1\n$/);
  });
});

describeWith(['script', 'stty'], 'a terminal', () => {
  test.each([0, 1, 10_000])('of %i columns gets all that is told', async (columns) => {
    const command = `stty rows ${columns === 0 ? 0 : 24} cols ${columns}; "$NODE" "$PROGRAM" ls; "$NODE" "$PROGRAM" create -d none --url tcp://127.0.0.1:2 new; "$NODE" "$PROGRAM" help ls`;
    const env = { ...temp.env, PATH: process.env['PATH'] ?? '', NODE: process.execPath, PROGRAM: program };
    const child = spawn('script', ['-qefc', command, '/dev/null'], {
      env: { ...env, TERM: 'vt220', SHELL: '/bin/sh' },
    });
    let shown = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
    });
    const status = await new Promise((done) => child.once('close', done));
    expect(status).toBe(0);
    expect(shown).toMatch(/^NAME +ACTIVE .* ERRORS\r$/m);
    expect(shown).toMatch(/^dev +- +none +Stopped +Unknown +\r$/m);
    expect(shown).toContain('To see how to connect your Docker Client');
    expect(shown).toContain('Usage: tmachine ls');
    expect(shown).not.toMatch(/NaN|undefined| {4}at /);
    expect(await temp.store.names()).toContain('new');
  });
});
