import { TmachineError } from '../errors/tmachine-error.ts';
import type { CommandEntry } from './commands/index.ts';
import { nearestWord } from './suggest.ts';

/** In docker-machine's words, with the command that was probably meant. */
export function unknownCommand(name: string, commands: readonly CommandEntry[]): TmachineError {
  const near = nearestWord(
    name,
    commands.flatMap((each) => [each.name, ...(each.aliases ?? [])]),
  );
  return new TmachineError(`tmachine: '${name}' is not a tmachine command. See 'tmachine --help'.`, {
    code: 'UNKNOWN_COMMAND',
    hint: near === undefined ? undefined : `tmachine ${near}`,
  });
}
