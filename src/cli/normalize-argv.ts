import type { CommandFlags } from './command.ts';

/** Words with all flags in one spelling, and those from the first plain word on where the walk stops there. */
export interface NormalizedArgv {
  readonly words: readonly string[];
  readonly rest: readonly string[];
}

/**
 * Brings the spellings of Go's flag package and of GNU getopt to one: `--name=value` for every known flag. `-name`, `-n`,
 * `--name value`, `-n=value` and `-xyz` for three boolean letters are understood; unknown flags stay as they are, for the
 * parser to complain about. What follows `--` is untouched.
 */
export function normalizeArgv(words: readonly string[], flags: CommandFlags, stopAtArgument = false): NormalizedArgv {
  const out: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '--') return { words: [...out, ...words.slice(at)], rest: [] };
    if (!word.startsWith('-') || word === '-') {
      if (stopAtArgument) return { words: out, rest: words.slice(at) };
      out.push(word);
      continue;
    }
    const known = readFlag(word, flags);
    if (known === undefined) {
      out.push(word);
    } else if (known.value !== undefined) {
      out.push(...known.names.map((name) => `--${name}=${known.value}`));
    } else if (at + 1 < words.length) {
      at += 1;
      out.push(`--${known.names[0]}=${words[at]}`);
    } else {
      out.push(`--${known.names[0]}`);
    }
  }
  return { words: out, rest: [] };
}

/** A flag with a missing `value` takes the next word. */
interface KnownFlag {
  readonly names: readonly string[];
  readonly value: string | undefined;
}

function readFlag(word: string, flags: CommandFlags): KnownFlag | undefined {
  const [, dashes = '', name = '', value] = /^(--?)([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
  const long = findLong(name, dashes, flags);
  if (long !== undefined) {
    const isBoolean = flags[long]?.type === 'boolean';
    return { names: [long], value: value ?? (isBoolean ? 'true' : undefined) };
  }
  if (dashes === '--') return undefined;
  const letters = [...name].map((letter) => longOf(letter, flags));
  const areBooleans = letters.every((each) => each !== undefined && flags[each]?.type === 'boolean');
  return areBooleans && letters.length > 1 ? { names: letters as string[], value: value ?? 'true' } : undefined;
}

function findLong(name: string, dashes: string, flags: CommandFlags): string | undefined {
  if (Object.hasOwn(flags, name)) return name;
  return dashes === '-' ? longOf(name, flags) : undefined;
}

function longOf(letter: string, flags: CommandFlags): string | undefined {
  return Object.keys(flags).find((name) => flags[name]?.short === letter);
}
