import { resolveFlags } from '../driver/resolve-flags.ts';
import type { Command, Tools } from './command.ts';

/** Runs a command from within another one, as if typed with these arguments and no flags. */
export async function runNested(command: Command, args: readonly string[], tools: Tools): Promise<number> {
  const more = (await command.moreFlags?.(args, tools)) ?? {};
  const input = {
    args,
    flags: resolveFlags(command.flags, {}, tools.env),
    more: resolveFlags(more, {}, tools.env),
    given: new Set<string>(),
  };
  const answered = await command.run(input, tools);
  return typeof answered === 'number' ? answered : 0;
}
