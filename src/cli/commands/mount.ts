import { TmachineError } from '../../errors/tmachine-error.ts';
import { type Command, defineCommand } from '../command.ts';

export const command: Command = defineCommand({
  name: 'mount',
  summary: "Show a machine's folder in this computer",
  description: `By sshfs. The folder here, which must exist, has the same path as the one in the machine where none is named.`,
  arguments: [
    { name: '[[user@]machine:]path', kind: 'guest-file' },
    { name: 'mountpoint', optional: true, kind: 'file' },
  ],
  flags: {
    unmount: { type: 'boolean', short: 'u', summary: 'End what was mounted there' },
  },
  async run({ args, flags }, tools) {
    const [source, mountpoint, ...extra] = args;
    if (source === undefined || extra.length > 0)
      throw new TmachineError('Improper number of arguments', {
        code: 'ARGUMENTS',
        hint: 'name a folder of a machine: tmachine mount [[user@]machine:]path [mountpoint]',
      });
    const { mountFolder, unmountFolder } = await import('../../machine/mount.ts');
    await (flags.unmount ? unmountFolder : mountFolder)({ source, mountpoint }, tools);
    return undefined;
  },
});
