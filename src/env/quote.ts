/*
 * What the shells read differently inside double quotes, and what happens to the text before: `eval $(…)` in a POSIX
 * shell and eval `…` in tcsh split it at blanks, join it with single ones and take `*` for file names.
 */

/** POSIX (2018), section 2.2.3; `!` besides, for lines pasted into an interactive bash. */
export function quotePosix(value: string): string {
  const escaped = value
    .replaceAll(/[\\"$`]/g, '\\$&')
    .replaceAll(/[*?[]|(?<=[@+!])\(/g, (character) => `$(printf '\\${octal(character)}')`)
    .replaceAll('!', `"'!'"`);
  return `"${keepBlanks(escaped)}"`;
}

/** fish, "Quotes": only `\`, `"` and `$` mean something in double quotes. */
export function quoteFish(value: string): string {
  return `"${value.replaceAll(/[\\"$]/g, '\\$&')}"`;
}

/**
 * PowerShell, about_Quoting_Rules and about_Special_Characters. Characters beyond ASCII are written by number: some are
 * read as quotes (U+201C to U+201E), and all depend on the code page through which PowerShell reads a program's output.
 */
export function quotePowershell(value: string): string {
  const escaped = value.replaceAll(/[`"$]/g, '`$&');
  return `"${escaped.replaceAll(/[^\x20-\x7e]/g, (unit) => `$([char]0x${unit.charCodeAt(0).toString(16)})`)}"`;
}

/**
 * cmd, `SET /?` and `FOR /?`. A line that FOR /f takes in is neither scanned for operators nor expanded again; the
 * quoted form guards values with operators or outer blanks when the line is pasted. SET takes all up to the last quote.
 * Where delayed expansion is switched on (it is off by default) `!` cannot be guarded.
 */
export function setInCmd(name: string, value: string, userProfile: string): string {
  const folder = belowProfile(value, userProfile);
  if (folder !== undefined) return `CALL SET ${name}=%USERPROFILE%${folder}`;
  return /[&|<>^]|^ | $/.test(value) ? `SET "${name}=${value}"` : `SET ${name}=${value}`;
}

/**
 * FOR /f reads what a program prints in the code page of the console, in which UTF-8 is misread. The name of the user is
 * what is beyond ASCII most often, and cmd knows it: CALL has it read the line once more, percent signs included.
 */
function belowProfile(value: string, userProfile: string): string | undefined {
  const isLost = /[^\x20-\x7e]/.test(value);
  if (!isLost || userProfile === '' || /[&|<>^%!"]/.test(userProfile)) return undefined;
  if (!value.toLowerCase().startsWith(userProfile.toLowerCase())) return undefined;
  const rest = value.slice(userProfile.length);
  return /^(\\[\w .()-]*[\w)])+$/.test(rest) ? rest : undefined;
}

/**
 * cmd, `CMD /?`: of a command that begins with a quote /C takes the first quote away and the last, unless there are just
 * these two with nothing special between them. So such a command gets a pair to lose, which FOR must not take for quotes.
 */
export function quoteCommandForCmd(command: string): string {
  const keepsQuotes = !command.startsWith('"') || /^"[^"&<>()@^|]*"[^"]*$/.test(command);
  return keepsQuotes ? command : `^"${command}^"`;
}

/** tcsh(1), "Lexical structure": what means something in double quotes is put outside of them, behind a backslash. */
export function quoteTcsh(value: string): string {
  const escaped = value
    .replaceAll(/[\\"$`!]/g, '"\\$&"')
    .replaceAll(/[*?[{~^]/g, (character) => `\`printf '\\${octal(character)}'\``);
  return `"${keepBlanks(escaped)}"`;
}

/** Emacs Lisp manual, "String Type"; beyond ASCII by number, so that the coding system of the pipe does not matter. */
export function quoteEmacs(value: string): string {
  const escaped = value.replaceAll(/[\\"]/g, '\\$&');
  return `"${escaped.replaceAll(/[^\x20-\x7e]/gu, (character) => `\\U${hex(character).padStart(8, '0')}`)}"`;
}

/**
 * xonsh: a string of Python ("String and Bytes literals"), whose escapes are those of Emacs. Later on xonsh expands `$HOME`
 * and the like in variables whose names end with PATH, which nothing can guard.
 */
export function quoteXonsh(value: string): string {
  return quoteEmacs(value);
}

/** Elvish, "Language Specification", single-quoted strings. */
export function quoteElvish(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** Between blanks an empty word, so that splitting and joining leaves as many as there were. */
function keepBlanks(quoted: string): string {
  return quoted.replaceAll(/ (?= )/g, ' ""');
}

function octal(character: string): string {
  return character.charCodeAt(0).toString(8).padStart(3, '0');
}

function hex(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16);
}
