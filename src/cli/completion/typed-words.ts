import type { CommandFlags } from '../command.ts';
import { normalizeArgv } from '../normalize-argv.ts';

/** What stands before the cursor. */
export interface TypedWords {
  readonly args: readonly string[];
  /** The last text of each flag. */
  readonly values: ReadonlyMap<string, string>;
  /** The flag whose value is at the cursor. */
  readonly pending: string | undefined;
  /** Whether `--` was typed, after which no flag is one. */
  readonly isPlain: boolean;
  /** All from the first plain word on, where the walk was to stop there. */
  readonly rest: readonly string[];
}

/** Reads the words before the cursor as the command line will be read. */
export function parseTypedWords(before: readonly string[], flags: CommandFlags, stopAtArgument = false): TypedWords {
  const { words, rest } = normalizeArgv(before, flags, stopAtArgument);
  const end = words.indexOf('--');
  const read = end < 0 ? words : words.slice(0, end);
  const values = new Map<string, string>();
  for (const word of read) {
    const [, name = '', value = ''] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (Object.hasOwn(flags, name)) values.set(name, value);
  }
  const last = read.at(-1)?.slice(2) ?? '';
  const isPending = end < 0 && rest.length === 0 && Object.hasOwn(flags, last) && read.at(-1) === `--${last}`;
  return {
    args: read.filter((word) => !word.startsWith('-') || word === '-'),
    values,
    pending: isPending ? last : undefined,
    isPlain: end >= 0,
    rest,
  };
}
