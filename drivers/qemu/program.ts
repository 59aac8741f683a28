import { type ComputerFacts, exitCodes, type Host, TmachineError } from 'tmachine/driver';

const defaultProgram = 'qemu-system-x86_64';

/** Where QEMU's installers put it without changing PATH. */
const knownFolders: { readonly [P in NodeJS.Platform]?: readonly string[] } = {
  linux: ['/usr/bin', '/usr/local/bin', '/home/linuxbrew/.linuxbrew/bin'],
  darwin: ['/opt/homebrew/bin', '/usr/local/bin', '/opt/local/bin'],
  win32: ['C:\\Program Files\\qemu', 'C:\\msys64\\ucrt64\\bin', 'C:\\msys64\\mingw64\\bin'],
};

const installHints: { readonly [P in NodeJS.Platform]?: string } = {
  linux:
    'install it: apt install qemu-system-x86 (Debian, Ubuntu), dnf install qemu-system-x86 (Fedora), pacman -S qemu-system-x86 (Arch), zypper install qemu-x86 (SUSE), apk add qemu-system-x86_64 (Alpine)',
  darwin: 'install it: brew install qemu',
  win32: 'install it: winget install SoftwareFreedomConservancy.QEMU',
};

/**
 * The path of QEMU: the one asked for, else the usual one on PATH or in its usual folders.
 *
 * @throws TmachineError `PROGRAM_NOT_FOUND`, exit code 3, saying which package brings it.
 */
export async function findQemuProgram(host: Host, requested: string): Promise<string> {
  const name = requested === '' ? defaultProgram : requested;
  const found = await host.findProgram(name, knownFolders[host.platform] ?? []);
  if (found !== undefined) return found;
  throw new TmachineError(`Cannot find "${name}": it is not installed, or not on PATH`, {
    code: 'PROGRAM_NOT_FOUND',
    exitCode: exitCodes.preflight,
    hint:
      requested === ''
        ? installHints[host.platform]
        : 'name a QEMU that exists with --qemu-program, or leave the option out',
  });
}

/** Says where QEMU is, when this computer has one. */
export async function detectQemu(computer: ComputerFacts): Promise<string | undefined> {
  const name = computer.env['QEMU_PROGRAM'] || defaultProgram;
  const found = await computer.findProgram(name, knownFolders[computer.platform] ?? []);
  return found === undefined ? undefined : `QEMU is at ${found}`;
}

/** The first QEMU with all the options we use; its `-machine hpet` is the youngest of them. */
const oldest = { text: '6.2', major: 6, minor: 2 };

/**
 * Refuses a program that is no QEMU, is broken, or is too old for us.
 *
 * @throws TmachineError `QEMU_BROKEN` or `QEMU_TOO_OLD`, exit code 3.
 */
export async function checkQemuVersion(host: Host, program: string): Promise<void> {
  const answer = await host.run({ program, args: ['--version'], timeoutMs: 20_000 }).catch((error: unknown) => {
    if (error instanceof TmachineError && error.code === 'PROGRAM_TIMED_OUT') throw hangs(program, error);
    throw error;
  });
  const version = parseQemuVersion(answer.stdout);
  const exitCode = exitCodes.preflight;
  if (answer.exitCode !== 0 || version === undefined) {
    const words = (answer.stderr.trim() || answer.stdout.trim()).split('\n').slice(-3).join('\n');
    throw new TmachineError(
      `Cannot use "${program}": it does not say its version (exit status ${answer.exitCode}): ${words}`,
      {
        code: 'QEMU_BROKEN',
        exitCode,
        hint: 'install QEMU again, or name another one with --qemu-program',
      },
    );
  }
  if (version.major < oldest.major || (version.major === oldest.major && version.minor < oldest.minor))
    throw new TmachineError(`Cannot use "${program}": QEMU ${version.text} is too old`, {
      code: 'QEMU_TOO_OLD',
      exitCode,
      hint: `install QEMU ${oldest.text} or newer, or name another one with --qemu-program`,
    });
}

function hangs(program: string, cause: Error): TmachineError {
  return new TmachineError(`Cannot use "${program}": ${cause.message}`, {
    code: 'QEMU_BROKEN',
    exitCode: exitCodes.preflight,
    hint: 'install QEMU again, or name another one with --qemu-program',
  });
}

/** A version as printed, and the numbers that matter. */
export interface QemuVersion {
  readonly text: string;
  readonly major: number;
  readonly minor: number;
}

/** Reads `QEMU emulator version 7.2.22 (…)`. */
export function parseQemuVersion(output: string): QemuVersion | undefined {
  const match = /^QEMU emulator version ((\d+)\.(\d+)[\w.-]*)/m.exec(output);
  return match?.[1] === undefined ? undefined : { text: match[1], major: Number(match[2]), minor: Number(match[3]) };
}
