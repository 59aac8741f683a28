import { TmachineError } from '../errors/tmachine-error.ts';
import {
  quoteCommandForCmd,
  quoteElvish,
  quoteEmacs,
  quoteFish,
  quotePosix,
  quotePowershell,
  quoteTcsh,
  quoteXonsh,
  setInCmd,
} from './quote.ts';

/** The dialects we can write; bash, zsh, dash and the like are all `posix`. */
export type Shell = 'posix' | 'fish' | 'powershell' | 'cmd' | 'tcsh' | 'emacs' | 'elvish' | 'xonsh';

/** How one shell sets and unsets a variable, and how it takes in the output of a command. */
export interface ShellSyntax {
  /** `userProfile` is the value of Windows' USERPROFILE, empty elsewhere. */
  readonly set: (name: string, value: string, userProfile: string) => string;
  readonly unset: (name: string) => string;
  /** What must stand between a line that unsets and one that sets, because `eval $(…)` makes one line of all. */
  readonly separator: string;
  /** A word of a command line. */
  readonly quoteWord: (word: string) => string;
  /** What stands before the two lines of the hint, such as `# `. */
  readonly comment: string;
  /** What to type to evaluate the output of a command, given as words ready for the shell. */
  readonly evaluate: (words: readonly string[]) => string;
  /** How many characters a line may have, where that is few. */
  readonly maxLineLength?: number;
}

/** Syntax by shell. Ordinary values come out exactly as docker-machine prints them. */
export const shells: Readonly<Record<Shell, ShellSyntax>> = {
  posix: {
    set: (name, value) => `export ${name}=${quotePosix(value)}`,
    unset: (name) => `unset ${name}`,
    separator: ';',
    quoteWord: quotePosix,
    comment: '# ',
    evaluate: (words) => `eval $(${words.join(' ')})`,
  },
  fish: {
    set: (name, value) => `set -gx ${name} ${quoteFish(value)};`,
    unset: (name) => `set -e ${name};`,
    separator: '',
    quoteWord: quoteFish,
    comment: '# ',
    evaluate: (words) => `eval (${words.join(' ')})`,
  },
  powershell: {
    set: (name, value) => `$Env:${name} = ${quotePowershell(value)}`,
    unset: (name) => `Remove-Item Env:\\\\${name}`,
    separator: '',
    quoteWord: quotePowershell,
    comment: '# ',
    evaluate: (words) => `& ${words.join(' ')} | Invoke-Expression`,
  },
  cmd: {
    set: setInCmd,
    unset: (name) => `SET ${name}=`,
    separator: '',
    quoteWord: (word) => `"${word}"`,
    comment: 'REM ',
    evaluate: (words) => `\t@FOR /f "tokens=*" %i IN ('${quoteCommandForCmd(words.join(' '))}') DO @%i`,
    maxLineLength: 8191,
  },
  tcsh: {
    set: (name, value) => `setenv ${name} ${quoteTcsh(value)};`,
    unset: (name) => `unsetenv ${name};`,
    separator: '',
    quoteWord: quoteTcsh,
    comment: ': ',
    evaluate: formatTcshHint,
  },
  emacs: {
    set: (name, value) => `(setenv "${name}" ${quoteEmacs(value)})`,
    unset: (name) => `(setenv "${name}" nil)`,
    separator: '',
    quoteWord: quotePosix,
    comment: ';; ',
    evaluate: (words) =>
      `(with-temp-buffer (shell-command ${quoteEmacs(words.join(' '))} (current-buffer)) (eval-buffer))`,
  },
  elvish: {
    set: (name, value) => `set-env ${name} ${quoteElvish(value)}`,
    unset: (name) => `unset-env ${name}`,
    separator: '',
    quoteWord: quoteElvish,
    comment: '# ',
    evaluate: (words) => `eval (${words.join(' ')} | slurp)`,
  },
  xonsh: {
    set: (name, value) => `$${name} = ${quoteXonsh(value)}`,
    unset: (name) => `\${...}.pop("${name}", None)`,
    separator: '',
    quoteWord: quoteXonsh,
    comment: '# ',
    evaluate: (words) => `execx($(${words.join(' ')}))`,
  },
};

/** The comment of tcsh is a command, whose words are read: one word, when there is anything to misread in them. */
function formatTcshHint(words: readonly string[]): string {
  const hint = `eval \`${words.join(' ')}\``;
  return words.some((word) => word.startsWith('"')) ? quoteTcsh(hint) : hint;
}

/** The dialect for a name as users give it to `--shell`; like docker-machine, an unknown one counts as POSIX. */
export function parseShellName(name: string): Shell {
  return knownShell(name) ?? 'posix';
}

/** The dialect of a program such as `/usr/bin/fish` or `pwsh.exe`; nothing when it is no shell we know. */
export function knownShell(program: string): Shell | undefined {
  const name = program
    .replace(/^.*[\\/]/, '')
    .replace(/^-/, '')
    .replace(/\.exe$/i, '')
    .toLowerCase();
  return dialects.get(name);
}

const dialects: ReadonlyMap<string, Shell> = new Map<string, Shell>([
  ...['sh', 'bash', 'zsh', 'dash', 'ash', 'ksh', 'mksh', 'posix'].map((name) => [name, 'posix'] as const),
  ['fish', 'fish'],
  ...['powershell', 'powershell_ise', 'pwsh', 'pwsh-preview'].map((name) => [name, 'powershell'] as const),
  ['cmd', 'cmd'],
  ['tcsh', 'tcsh'],
  ['csh', 'tcsh'],
  ['emacs', 'emacs'],
  ['elvish', 'elvish'],
  ['xonsh', 'xonsh'],
]);

/**
 * Refuses what no line of shell text can carry.
 *
 * @throws TmachineError `VALUE_NOT_EXPRESSIBLE` for control characters and broken Unicode.
 */
export function requireExpressible(name: string, value: string): void {
  const bad = Array.from(value).find((character) => /[\p{Cc}\p{Cs}\u2028\u2029]/u.test(character));
  if (bad === undefined) return;
  const code = bad.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
  throw new TmachineError(`Cannot set ${name} in a shell: its value holds the character U+${code}`, {
    code: 'VALUE_NOT_EXPRESSIBLE',
    hint: 'keep the machines in a folder with a plain name: --storage-path FOLDER',
  });
}

/**
 * Refuses a line that is longer than its shell reads.
 *
 * @throws TmachineError `VALUE_NOT_EXPRESSIBLE`.
 */
export function requireShort(name: string, line: string, shell: Shell): void {
  const { maxLineLength } = shells[shell];
  if (maxLineLength === undefined || line.length <= maxLineLength) return;
  throw new TmachineError(`Cannot set ${name} in ${shell}: it reads lines of at most ${maxLineLength} characters`, {
    code: 'VALUE_NOT_EXPRESSIBLE',
    hint: 'use PowerShell: --shell powershell',
  });
}
