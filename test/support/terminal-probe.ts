import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { GuestAddress, OpenOptions } from '../../src/ssh/open-guest.ts';
import { openTerminal, type TerminalUser } from './terminal.ts';

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

async function sitDown(folder: string, request: string): Promise<TerminalUser> {
  const env = { ...process.env, PROBE: request, TERM: 'vt220' };
  return openTerminal([process.execPath, join(folder, 'probe.js')], { env, rows: 30, columns: 90 });
}
