import { TmachineError } from '../../errors/tmachine-error.ts';
import { type Command, defineCommand } from '../command.ts';

export const command: Command = defineCommand({
  name: 'scp',
  summary: 'Copy files to, from and between machines',
  description: `Both places are [[user@]machine:]path. A path in a machine starts from the home folder and may hold wildcards, such as dev:'*.log'.
New files get the permissions of their source, links are followed. A name with a colon that is no machine's: ./a:b.`,
  arguments: [
    { name: '[[user@]machine:]source', kind: 'guest-file' },
    { name: '[[user@]machine:]target', kind: 'guest-file' },
  ],
  flags: {
    recursive: { type: 'boolean', short: 'r', summary: 'Copy folders with all that is in them' },
    delta: { type: 'boolean', short: 'd', summary: 'Send only what differs, by rsync' },
    quiet: { type: 'boolean', short: 'q', summary: 'Say nothing but errors' },
  },
  async run({ args, flags }, tools) {
    const [source, target, ...extra] = args;
    if (source === undefined || target === undefined || extra.length > 0)
      throw new TmachineError('Improper number of arguments', {
        code: 'ARGUMENTS',
        hint: 'name what to copy and where to: tmachine scp [-r] [[user@]machine:]path [[user@]machine:]path',
      });
    const { copyFiles } = await import('../../machine/copy/copy.ts');
    await copyFiles({ source, target, ...flags }, tools);
    return undefined;
  },
});
