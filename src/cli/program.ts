import { CommanderError, Option, Command as Program } from 'commander';
import { exitCodes } from '../errors/exit-codes.ts';
import { TmachineError } from '../errors/tmachine-error.ts';
import type { CommandFlag, CommandFlags } from './command.ts';
import type { ParsedWords } from './parse-words.ts';

/**
 * Has commander parse normalised words.
 *
 * @throws TmachineError `USAGE` with what commander says about them, and where it sees one the flag that was meant.
 */
export function runParser(words: readonly string[], flags: CommandFlags, help: string): ParsedWords {
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
function usage(message: string, help: string): TmachineError {
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
