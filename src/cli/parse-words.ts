import type { CommandFlags } from './command.ts';

/** What stood on the command line: plain words, and for each flag its text, or all its texts for a list. */
export interface ParsedWords {
  readonly args: readonly string[];
  readonly typed: Readonly<Record<string, string | readonly string[]>>;
}

/**
 * Reads normalised words; `help` is the command that explains them.
 *
 * @throws TmachineError `USAGE` for a flag that does not exist or lacks its value.
 */
export async function parseWords(words: readonly string[], flags: CommandFlags, help: string): Promise<ParsedWords> {
  // The parser costs more than all else that is loaded before a command runs, and words without flags do not need it.
  if (!words.some((word) => word.startsWith('-') && word !== '-')) return { args: words, typed: {} };
  const { runParser } = await import('./program.ts');
  return runParser(words, flags, help);
}
