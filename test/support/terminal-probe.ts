import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { waitUntil } from '../../src/host/wait-until.ts';
import type { GuestAddress, OpenOptions } from '../../src/ssh/open-guest.ts';

/** A user who sits at a terminal in which a shell in a guest was opened. */
interface TerminalUser {
  type(text: string): void;
  /** Changes the size of the user's window. */
  resize(rows: number, columns: number): void;
  /** Resolves when the screen shows `pattern`, with all that was shown so far. */
  sees(pattern: RegExp): Promise<string>;
  readonly exitCode: Promise<number | null>;
  leave(): void;
}

/** The SSH client compiled on its own, as a program that opens a shell on its terminal. */
export interface TerminalProbe extends Disposable {
  open(address: GuestAddress, kind: OpenOptions['kind']): Promise<TerminalUser>;
}

/** Compiles the client, because a terminal needs a process of its own. */
export function compileTerminalProbe(): TerminalProbe {
  const folder = mkdtempSync(join(tmpdir(), 'terminal-'));
  const settings = {
    extends: resolve('tsconfig.json'),
    compilerOptions: {
      rootDir: resolve('.'),
      outDir: folder,
      typeRoots: [resolve('node_modules/@types')],
    },
    files: [resolve('src/ssh/open-guest.ts')],
    include: [],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'probe.js'), probe);
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', folder], { stdio: 'inherit' });
  return {
    open: async (address, kind) => await sitDown(folder, JSON.stringify([address, kind])),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

const probe = `import { openGuest } from './src/ssh/open-guest.js';
const [address, kind] = JSON.parse(process.env.PROBE);
const options = { kind, signal: new AbortController().signal, emit: () => {}, env: process.env };
const guest = await openGuest(address, options);
const status = await guest.shell({ input: process.stdin, output: process.stdout, term: process.env.TERM });
await guest.close();
console.log('left with raw mode ' + process.stdin.isRaw);
process.exit(status);
`;

/** util-linux's script gives the probe a terminal; its size is set from outside, as a window manager does. */
async function sitDown(folder: string, request: string): Promise<TerminalUser> {
  const ttyFile = join(folder, `tty-${Math.random()}`);
  const command = `tty >${ttyFile}; stty rows 30 cols 90; exec ${process.execPath} ${join(folder, 'probe.js')}`;
  const env = { ...process.env, PROBE: request, TERM: 'vt220', SHELL: '/bin/sh' };
  const child: ChildProcess = spawn('script', ['-qefc', command, '/dev/null'], { env });
  let screen = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
  });
  const { signal } = new AbortController();
  return {
    type: (text) => void child.stdin?.write(text),
    resize: (rows, columns) => {
      const tty = execFileSync('cat', [ttyFile], { encoding: 'utf8' }).trim();
      execFileSync('stty', ['-F', tty, 'rows', String(rows), 'cols', String(columns)]);
    },
    sees: async (pattern) => {
      const probeScreen = async (): Promise<string | undefined> => (pattern.test(screen) ? screen : undefined);
      return await waitUntil(probeScreen, { what: `${pattern} in ${screen}`, timeoutMs: 15_000, signal });
    },
    exitCode: new Promise((done) => child.once('close', done)),
    leave: () => child.kill(),
  };
}
