import { CommanderError, Option, Command as Program } from 'commander';
import { exitCodes } from '../errors/exit-codes.ts';
import { TmachineError } from '../errors/tmachine-error.ts';
import type { CommandFlag, CommandFlags } from './command.ts';

/** What stood on the command line: plain words, and for each flag its text, or all its texts for a list. */
export interface ParsedWords {
  readonly args: readonly string[];
  readonly typed: Readonly<Record<string, string | readonly string[]>>;
}

/**
 * Parses normalised words.
 *
 * @throws TmachineError `USAGE` for a flag that does not exist or lacks its value; `help` is the command that explains them.
 */
export function parseWords(words: readonly string[], flags: CommandFlags, help: string): ParsedWords {
  const program = new Program().helpOption(false).exitOverride().allowExcessArguments();
  program.configureOutput({ writeErr: () => undefined });
  for (const [name, flag] of Object.entries(flags)) program.addOption(toOption(name, flag));
  try {
    program.parse([...words], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) throw usage(error.message.replace(/^error: /, ''), help);
    throw error;
  }
  return { args: program.args, typed: program.opts() };
}

/** An error about the command line itself. */
export function usage(message: string, help: string): TmachineError {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return new TmachineError(text, { code: 'USAGE', exitCode: exitCodes.usage, hint: help });
}

/** Every flag takes a value once words are normalised. A name that begins with `no-` is a name like any other. */
function toOption(name: string, flag: CommandFlag): Option {
  const option = new Option(`--${name} <value>`);
  option.negate = false;
  option.attributeName = () => name;
  if (flag.type === 'list')
    option.argParser((text: string, before: readonly string[] | undefined) => [...(before ?? []), text]);
  return option;
}
