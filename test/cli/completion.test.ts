import { execFile } from 'node:child_process';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitUntil } from '../../src/host/wait-until.ts';
import { describeWith } from '../support/requires.ts';
import { runTmachine } from '../support/run-tmachine.ts';
import { makeTempStore, type TempStore } from '../support/temp-store.ts';
import { openTerminal } from '../support/terminal.ts';

const run = promisify(execFile);
const program = join(import.meta.dirname, '..', '..', 'bin', 'tmachine.cjs');

let temp: TempStore;
let work: string;
let env: Record<string, string>;

beforeAll(async () => {
  temp = await makeTempStore();
  for (const name of ['dev', 'dev.eu', 'prod']) await temp.add(name, 'none', {});
  // Folders that anybody may have put there, each of which would do something if a shell read it.
  for (const name of ['$(touch pwned)', '`touch pwned`', 'de;touch pwned', "de' ; touch pwned"])
    await mkdir(join(temp.path, 'machines', name));
  work = join(temp.path, 'work');
  await mkdir(join(work, 'ein Ordner'), { recursive: true });
  for (const name of ['my file.txt', 'größe 太郎.txt']) await writeFile(join(work, name), '');
  const programs = join(temp.path, 'bin');
  await mkdir(programs);
  await symlink(program, join(programs, 'tmachine'));
  env = { ...temp.env, PATH: `${programs}:${process.env['PATH']}`, LC_ALL: 'C.UTF-8', TERM: 'xterm' };
});

afterAll(async () => {
  expect([await readdir(work), await readdir(temp.path)].flat()).not.toContain('pwned');
  await temp[Symbol.asyncDispose]();
});

/** What is typed, the last key being Tab, and what the line then holds. */
const presses = [
  ['tmachine prov', 'tmachine provision '],
  ['tmachine stop pr', 'tmachine stop prod '],
  ['tmachine stop prod dev.', 'tmachine stop prod dev.eu '],
  ['tmachine create --driver q', 'tmachine create --driver qemu '],
  ['tmachine create --driver=q', 'tmachine create --driver=qemu '],
  ['tmachine create -d qemu --qemu-mem', 'tmachine create -d qemu --qemu-memory '],
  ['tmachine ls --filter st', 'tmachine ls --filter state='],
  ['tmachine ls --filter state=Ru', 'tmachine ls --filter state=Running '],
  ['tmachine env --shell fi', 'tmachine env --shell fish '],
  ['tmachine image ver', 'tmachine image verify '],
  ['tmachine image build --output my', 'tmachine image build --output my\\ file.txt '],
  ['tmachine image build --output gr', 'tmachine image build --output größe\\ 太郎.txt '],
  ['tmachine image verify gr', 'tmachine image verify größe\\ 太郎.txt '],
  ['tmachine -s ein', 'tmachine -s ein\\ Ordner/'],
  ['tmachine "inspe', 'tmachine "inspect" '],
] as const;

describeWith(['bash', 'zsh', 'script'], 'the Tab key', () => {
  test.each([
    ['bash', ['bash', '--norc', '--noprofile', '-i'], /ready> $/],
    ['zsh', ['zsh', '-f', '-i'], /ready> .*2004h/],
  ] as const)(
    'completes words in a real %s',
    async (shell, words, atPrompt) => {
      const terminal = openTerminal(words, { env: { ...env, PS1: 'ready> ' }, rows: 40, columns: 300, cwd: work });
      try {
        await terminal.sees(atPrompt);
        terminal.type(`eval "$(tmachine completion ${shell})"; PS1='loa''ded> '\n`);
        await terminal.sees(/loaded> /);
        for (const [typed, becomes] of presses) {
          const before = terminal.shown().length;
          terminal.type(`${typed}\t`);
          // What follows shows where the line ends; it and the whole line are deleted again.
          const isThere = async () => (plain(terminal.shown().slice(before)).includes(becomes) ? true : undefined);
          const { signal } = new AbortController();
          await waitUntil(isThere, { what: becomes, timeoutMs: 10_000, signal }).catch(() => {
            throw new Error(`${typed} became ${JSON.stringify(terminal.shown().slice(before))}`);
          });
          terminal.type('\u0015');
        }
      } finally {
        terminal.leave();
      }
    },
    120_000,
  );
});

describeWith(['fish'], 'fish', () => {
  const complete = async (line: string) => {
    const script = 'tmachine completion fish | source; complete -C $argv[1]';
    const { stdout } = await run('fish', ['--no-config', '-c', script, line], { env, cwd: work });
    return stdout.split('\n').filter((each) => each !== '');
  };

  test('completes commands, machines, values and paths, with what each is', async () => {
    expect(await complete('tmachine prov')).toEqual(['provision\tSet machines up again']);
    expect(await complete('tmachine stop pr')).toEqual(['prod\tmachine (none)']);
    expect(await complete('tmachine create --driver ')).toEqual([
      expect.stringMatching(/^virtualbox\tA virtual machine/),
      expect.stringMatching(/^qemu\tA virtual machine/),
      expect.stringMatching(/^generic\t/),
      expect.stringMatching(/^none\t/),
    ]);
    expect(await complete('tmachine create --driver=q')).toEqual([expect.stringMatching(/^--driver=qemu\t/)]);
    expect(await complete('tmachine ls --filter state=Ru')).toEqual(['state=Running\tstate']);
    expect(await complete('tmachine image build --output gr')).toEqual(['größe 太郎.txt']);
    expect(await complete('tmachine image build --output=my')).toEqual(['--output=my file.txt']);
    expect(await complete('tmachine -s ein')).toEqual([expect.stringMatching(/^ein Ordner\//)]);
    expect(await complete('tmachine start -- ')).toEqual([]);
  });
});

describeWith(['bash', 'zsh', 'fish'], 'the prompt', () => {
  const show = async (shell: string, machine: string, format?: string) => {
    const load = shell === 'fish' ? 'tmachine completion fish | source' : `eval "$(tmachine completion ${shell})"`;
    const call = `${load}; PATH=/nowhere __docker_machine_ps1${format === undefined ? '' : ` '${format}'`}`;
    const flags = { bash: ['--norc'], zsh: ['-f'], fish: ['--no-config'] }[shell] ?? [];
    const named = machine === '' ? env : { ...env, DOCKER_MACHINE_NAME: machine };
    return (await run(shell, [...flags, '-c', call], { env: named })).stdout;
  };

  test.each(['bash', 'zsh', 'fish'])('of %s shows the machine, by no program', async (shell) => {
    expect(await show(shell, '')).toBe('');
    expect(await show(shell, 'dev')).toBe(' [dev]');
    expect(await show(shell, 'dev.eu', '-%s-')).toBe('-dev.eu-');
    expect(await show(shell, '$(touch pwned)')).toBe(' [$(touch pwned)]');
  });

  test('of zsh is not read once more as a prompt', async () => {
    expect(await show('zsh', '%n')).toBe(' [%%n]');
  });
});

describe('the script', () => {
  test.each(['bash', 'zsh', 'fish', 'powershell'])(
    'for %s calls the program by its name or its whole path',
    async (shell) => {
      expect((await run('tmachine', ['completion', shell], { env })).stdout).toContain('"tmachine" __complete ');
      const { stdout } = await runTmachine(['completion', shell], { env: temp.env });
      expect(stdout).toContain(`"${program}" __complete`);
    },
  );

  test('calls a program with a hostile path, and nothing else', async () => {
    const folder = join(temp.path, `it's $(touch pwned) "here" 太郎`);
    await mkdir(folder);
    await symlink(program, join(folder, 'tmachine'));
    const elsewhere = { ...env, PATH: process.env['PATH'] ?? '', MINE: join(folder, 'tmachine') };
    const ask =
      // biome-ignore lint/suspicious/noTemplateCurlyInString: bash reads it, not we
      'COMP_LINE="tmachine stop pr"; COMP_POINT=${#COMP_LINE}; COMP_WORDS=($COMP_LINE); COMP_CWORD=2; _tmachine; echo "$COMPREPLY"';
    const { stdout } = await run('bash', ['--norc', '-c', `eval "$("$MINE" completion bash)"; ${ask}`], {
      env: elsewhere,
      cwd: work,
    });
    expect(stdout).toBe('prod\n');
    const inFish = '$MINE completion fish | source; complete -C "tmachine stop pr"';
    expect((await run('fish', ['--no-config', '-c', inFish], { env: elsewhere, cwd: work })).stdout).toContain(
      'prod\t',
    );
  });

  test('for bash is good bash, and works with errexit, nounset and posix', async () => {
    const file = join(temp.path, 'tmachine.bash');
    await writeFile(file, (await runTmachine(['completion', 'bash'], { env: temp.env })).stdout);
    await run('shellcheck', ['--shell=bash', file]);
    const { stdout } = await run('bash', ['-eu', '-o', 'posix', '-c', `. '${file}'; __docker_machine_ps1; echo good`], {
      env,
    });
    expect(stdout).toBe('good\n');
  });

  test('for zsh also works as a file in fpath', async () => {
    const folder = join(temp.path, 'fpath');
    await mkdir(folder);
    await writeFile(join(folder, '_tmachine'), (await runTmachine(['completion', 'zsh'], { env: temp.env })).stdout);
    const script = `fpath=('${folder}' $fpath); autoload -Uz compinit; compinit -D; print $_comps[tmachine]`;
    expect((await run('zsh', ['-f', '-c', script], { env })).stdout).toBe('_tmachine\n');
  });

  test('needs the name of a shell', async () => {
    expect(await runTmachine(['completion'], { env: temp.env })).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: 'Error: No shell named\nTry: tmachine completion bash|zsh|fish|powershell\n',
    });
    expect((await runTmachine(['completion', 'ksh'], { env: temp.env })).exitCode).toBe(2);
  });
});

describe('what the scripts call', () => {
  const ask = async (shell: string, ...words: string[]) => {
    const { exitCode, stdout, stderr } = await runTmachine(['__complete', shell, ...words], {
      env: temp.env,
      cwd: work,
    });
    expect([exitCode, stderr]).toEqual([0, '']);
    const lines = stdout.split('\n').slice(0, -1);
    return { values: lines.slice(0, -1).map((line) => line.split('\t')[0]), paths: lines.at(-1) };
  };

  test('offers every command with its summary, in one line of ASCII each', async () => {
    const { stdout } = await runTmachine(['__complete', 'zsh', ''], { env: temp.env });
    const help = (await runTmachine(['help'], { env: temp.env })).stdout;
    const offered = stdout.split('\n').slice(0, -2);
    for (const line of offered) expect(line).toMatch(/^[a-z-]+\t[\x20-\x7e]+$/);
    const listed = [...help.slice(0, help.indexOf('Options:')).matchAll(/^ {2}([a-z-]+)/gm)].map(([, name]) => name);
    expect(offered.map((line) => line.split('\t')[0])).toEqual(listed);
  });

  test('understands the words of PowerShell, of which none is ever empty', async () => {
    expect(await ask('powershell', '=stop', '=')).toEqual({ values: ['dev', 'dev.eu', 'prod'], paths: ':' });
    expect(await ask('powershell', '=STOP', '=')).toEqual({ values: [], paths: ':' });
    expect(await ask('powershell', '=stop', '=PR')).toEqual({ values: ['prod'], paths: ':' });
    expect((await ask('powershell', '=create', '=-d', '=qemu', '=--qemu-m')).values).toEqual(['--qemu-memory']);
  });

  test.each<[string, string[], string[]]>([
    ['a machine once', ['stop', 'dev', ''], ['dev.eu', 'prod']],
    ['no second machine where one is meant', ['status', 'dev', ''], ['--output']],
    ['nothing after --', ['stop', '--', ''], []],
    ['nothing to a command that is not', ['nope', ''], []],
    ['nothing within a machine', ['ssh', 'dev', ''], []],
    ['machines to ssh', ['ssh', ''], ['dev', 'dev.eu', 'prod']],
    ['machines behind global options', ['-D', '--log-format', 'json', 'ip', ''], ['dev', 'dev.eu', 'prod']],
    [
      'the flags of a command without arguments',
      ['ls', ''],
      ['--quiet', '--filter', '--timeout', '--format', '--output'],
    ],
    [
      'no flag twice, unless it may be',
      ['ls', '-q', '--filter', 'state=Error', ''],
      ['--filter', '--timeout', '--format', '--output'],
    ],
    ['choices', ['--ssh-client', ''], ['native', 'external']],
    ['choices of a driver', ['create', '-d', 'qemu', '--qemu-accel', ''], ['auto', 'kvm', 'hvf', 'whpx', 'tcg']],
    ['truth', ['create', '--swarm='], ['--swarm=true', '--swarm=false']],
    ['keys of filters', ['ls', '--filter', ''], ['driver=', 'swarm=', 'state=', 'name=', 'label=']],
    ['values of filters', ['ls', '--filter', 'name='], ['name=dev', 'name=dev.eu', 'name=prod']],
    [
      'drivers to filters',
      ['ls', '--filter', 'driver='],
      ['driver=virtualbox', 'driver=qemu', 'driver=generic', 'driver=none'],
    ],
    ['another store', ['-s', 'nowhere', 'ip', ''], ['--output']],
    ['the verbs of image', ['image', ''], ['build', 'ls', 'verify', 'rm']],
  ])('offers %s', async (_what, words, values) => {
    expect((await ask('zsh', ...words)).values).toEqual(values);
  });

  test('offers commands to help, and flags to what takes a name that is not yet there', async () => {
    expect((await ask('zsh', 'help', '')).values).toContain('quickstart');
    expect((await ask('zsh', 'create', '')).values).toContain('--driver');
    expect((await ask('zsh', 'create', '')).values).not.toContain('dev');
    expect((await ask('zsh', '-log-format=json', '')).values).toContain('active');
  });

  test('knows the flags of the driver that is named or implied, and those of all where none is', async () => {
    const flags = async (...words: string[]) =>
      (await ask('zsh', 'create', ...words)).values.map((each) => each?.split('-')[2]);
    const drivers = async (...words: string[]) =>
      new Set((await flags(...words, '--')).filter((each) => each === 'qemu' || each === 'virtualbox'));
    expect(await drivers()).toEqual(new Set(['qemu', 'virtualbox']));
    expect(await drivers('-d', 'qemu')).toEqual(new Set(['qemu']));
    expect(await drivers('--driver=virtualbox')).toEqual(new Set(['virtualbox']));
    expect(await drivers('--qemu-memory', '512')).toEqual(new Set(['qemu']));
    expect(await drivers('-d', 'nosuch')).toEqual(new Set());
    const named = await runTmachine(['__complete', 'zsh', 'create', '--'], {
      env: { ...temp.env, MACHINE_DRIVER: 'qemu' },
    });
    expect(named.stdout).not.toContain('virtualbox');
    expect((await ask('zsh', 'help', 'create', '-d', 'qemu', '--qemu-p')).values).not.toContain('--virtualbox-memory');
  });

  test('is silent about a store that cannot be read', async () => {
    await writeFile(join(work, 'machines'), 'a file');
    expect(await ask('zsh', '-s', '.', 'ip', '')).toEqual({ values: [], paths: ':' });
  });

  test('names the driver of each machine, as long as somebody reads it', async () => {
    expect((await runTmachine(['__complete', 'zsh', 'ip', ''], { env: temp.env })).stdout).toContain(
      'dev\tmachine (none)\n',
    );
  });
});

/** What a person sees: without escape sequences, and without what was typed over. */
function plain(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/.[\b]/g, '');
}
