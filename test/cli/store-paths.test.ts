import { execFile } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withPath, writeProgram } from '../support/fake-path.ts';
import { MachineBench, type TinyMachine } from '../support/machine-bench.ts';
import { describeWith } from '../support/requires.ts';
import { runTmachine } from '../support/run-tmachine.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

const run = promisify(execFile);
const program = join(import.meta.dirname, '..', '..', 'bin', 'tmachine.cjs');

/** Every character that some shell, QEMU or OpenSSH reads as more than itself, as far as a folder may have it. */
const hostileName = `it's  "so" 100% %PATH% größe 太郎 😀 $(touch pwned) \`touch pwned\` a,b;c&d|e !! * {x} \\n =[z]`;

describeWith(
  ['qemu-system-x86_64', 'bash', 'dash', 'zsh', 'fish', 'tcsh', 'emacs'],
  'a store in a folder with a hostile name',
  () => {
    let bench: MachineBench;
    let machine: TinyMachine;
    let env: Record<string, string>;

    beforeAll(async () => {
      bench = await MachineBench.make(hostileName);
      machine = await bench.start('dev');
      await bench.giveEngine(machine);
      const folder = join(bench.temp.path, 'programs');
      await mkdir(folder);
      await writeProgram(folder, 'tm', `#!${process.execPath}\nrequire(${JSON.stringify(program)})`);
      env = { ...bench.temp.env, PATH: withPath(folder)['PATH'] ?? '', LC_ALL: 'C.UTF-8', TERM: 'dumb' };
    }, 120_000);

    afterAll(async () => {
      const around = await Promise.all(
        [bench.temp.path, dirname(bench.temp.path), process.cwd()].map((each) => readdir(each)),
      );
      expect(around.flat()).not.toContain('pwned');
      await bench[Symbol.asyncDispose]();
    });

    test.each([
      ['bash', ['-c', 'eval $(tm env dev); printenv DOCKER_CERT_PATH']],
      ['dash', ['-c', 'eval "$(tm env --shell sh dev)"; printenv DOCKER_CERT_PATH']],
      ['zsh', ['-f', '-c', 'eval $(tm env --shell zsh dev); printenv DOCKER_CERT_PATH']],
      ['fish', ['--no-config', '-c', 'tm env --shell fish dev | source; printenv DOCKER_CERT_PATH']],
      ['tcsh', ['-f', '-c', 'eval `tm env --shell tcsh dev`; printenv DOCKER_CERT_PATH']],
      ['emacs', ['--batch', '-Q', '--eval', '(progn (with-temp-buffer (shell-command "tm env --shell emacs dev" (current-buffer)) (eval-buffer)) (call-process "printenv" nil t nil "DOCKER_CERT_PATH") (princ (buffer-string)))']], // biome-ignore format: one row
    ])('reaches %s whole', async (shell, words) => {
      const { stdout } = await run(shell, words, {
        env: { ...env, SHELL: shell === 'emacs' ? '/bin/sh' : shell },
      });
      expect(stdout.trimEnd()).toBe(machine.directory);
    });

    test.each(['powershell', 'cmd'])('is written for %s', async (shell) => {
      const { exitCode, stdout, stderr } = await bench.call(['env', '--shell', shell, 'dev']);
      const warning = shell === 'cmd' ? /^Warning: cmd misreads the characters beyond ASCII/ : /^$/;
      expect([exitCode, stderr]).toEqual([0, expect.stringMatching(warning)]);
      // test/contract/shells.test.ts reads such values as these shells do.
      expect(stdout).toContain(shell === 'cmd' ? `DOCKER_CERT_PATH=${machine.directory}` : '$Env:DOCKER_CERT_PATH = "');
    });

    test('stands in quotes in the options that config prints', async () => {
      const { exitCode, stdout } = await bench.call(['config', 'dev']);
      expect(exitCode).toBe(0);
      const [, caCert, cert, key] = stdout.split('\n').map((line) => line.replace(/^--\w+=/, ''));
      const files = [caCert, cert, key].map((text) => JSON.parse(text ?? ''));
      expect(files).toEqual(['ca.pem', 'cert.pem', 'key.pem'].map((file) => join(machine.directory, file)));
    });

    test('is what inspect, ls, status and rm work with', async () => {
      const path = await bench.call(['inspect', '-f', '{{.HostOptions.AuthOptions.StorePath}}', 'dev']);
      expect(path).toEqual({ exitCode: 0, stdout: `${machine.directory}\n`, stderr: '' });
      expect(JSON.parse((await bench.call(['inspect', 'dev'])).stdout).HostOptions.AuthOptions.StorePath).toBe(
        machine.directory,
      );
      expect((await bench.call(['ls', '-f', '{{.Name}} {{.State}}'])).stdout).toBe('dev Running\n');
      expect((await bench.call(['-s', bench.temp.path, 'status', 'dev'])).stdout).toBe('Running\n');
      await bench.temp.add('gone', 'nosuch', {});
      expect((await bench.call(['rm', '-f', 'gone'])).exitCode).toBe(0);
      expect(await bench.temp.store.names()).toEqual(['dev']);
    });

    test('is where completion finds machines', async () => {
      const { stdout } = await run(
        'bash',
        ['--norc', '-c', 'tm __complete bash "tmachine -s \'$(printf %s "$STORE")\' stop " "=:"'],
        {
          env: { ...env, MACHINE_STORAGE_PATH: '/nowhere', STORE: bench.temp.path.replaceAll("'", "'\\''") },
        },
      );
      expect(stdout).toBe('dev\tmachine\n:\n');
    });
  },
);

describe('a store that no shell can name', () => {
  test.each([
    ['a line feed', 'a\nb', 'U+000A'],
    ['an escape', 'a\u001bb', 'U+001B'],
  ])('because of %s gets no machine', async (_, name, code) => {
    await using folder = await makeTempFolder();
    const path = join(folder.path, name);
    const result = await runTmachine(['-s', path, 'create', '-d', 'qemu', 'dev'], { env: { HOME: folder.path } });
    expect([result.exitCode, result.stdout]).toEqual([1, '']);
    expect(result.stderr).toContain(`its value holds the character ${code}`);
    expect(result.stderr).toContain('--storage-path');
    expect(await readdir(folder.path)).toEqual([]);
  });
});
