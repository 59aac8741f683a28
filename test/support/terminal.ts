import { execFileSync, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '../../src/host/wait-until.ts';

/** A user who sits at a terminal in which a program runs. */
export interface TerminalUser {
  type(text: string): void;
  /** Changes the size of the user's window. */
  resize(rows: number, columns: number): void;
  /** Resolves when the screen shows `pattern`, with all that was shown so far. */
  sees(pattern: RegExp): Promise<string>;
  /** All that was shown so far, escape sequences included. */
  shown(): string;
  readonly exitCode: Promise<number | null>;
  leave(): void;
}

/** What a terminal is like. */
export interface TerminalOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly rows: number;
  readonly columns: number;
  readonly cwd?: string;
}

/** util-linux's script gives the program a terminal; its size is set from outside, as a window manager does. */
export function openTerminal(words: readonly string[], options: TerminalOptions): TerminalUser {
  const { rows, columns, cwd } = options;
  const ttyFile = join(tmpdir(), `tmachine-tty-${process.pid}-${Math.random()}`);
  const command = `tty >${ttyFile}; stty rows ${rows} cols ${columns}; exec ${words.map(quote).join(' ')}`;
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    env: { ...options.env, SHELL: '/bin/sh' },
    ...(cwd === undefined ? {} : { cwd }),
  });
  let screen = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
  });
  child.stdin.on('error', () => undefined);
  const { signal } = new AbortController();
  return {
    type: (text) => void child.stdin.write(text),
    resize: (newRows, newColumns) => {
      const tty = execFileSync('cat', [ttyFile], { encoding: 'utf8' }).trim();
      execFileSync('stty', ['-F', tty, 'rows', String(newRows), 'cols', String(newColumns)]);
    },
    sees: async (pattern) => {
      const probeScreen = async (): Promise<string | undefined> => (pattern.test(screen) ? screen : undefined);
      return await waitUntil(probeScreen, { what: `${pattern} in ${screen}`, timeoutMs: 15_000, signal });
    },
    shown: () => screen,
    exitCode: new Promise((done) => {
      child.once('close', (status) => {
        execFileSync('rm', ['-f', ttyFile]);
        done(status);
      });
    }),
    leave: () => child.kill(),
  };
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
