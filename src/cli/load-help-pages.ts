import type { Command, FlagGroup, Tools } from './command.ts';
import type { CommandEntry } from './commands/index.ts';

/** All there is to say of one command. */
export interface HelpPage {
  readonly command: Command;
  readonly groups: readonly FlagGroup[];
}

/** Every command with all flags that it may ever have, whatever this computer's environment says. */
export async function loadHelpPages(
  commands: readonly CommandEntry[],
  drivers: Tools['drivers'],
): Promise<readonly HelpPage[]> {
  return await Promise.all(
    commands.map(async (entry) => {
      const { command } = await entry.load();
      return { command, groups: (await command.flagGroups?.([], { env: {}, drivers })) ?? [] };
    }),
  );
}
