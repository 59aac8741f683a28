import { type Command, defineCommand } from '../command.ts';
import { formatCommandHelp, formatHelp } from '../help.ts';
import { columnsOf } from '../wrap-text.ts';
import { commands } from './index.ts';

export const command: Command = defineCommand({
  name: 'help',
  aliases: ['h'],
  summary: 'Explain a command, or all of them',
  description:
    'With the options of a driver where it is named: tmachine help create -d DRIVER. ' +
    'The manual page can be read with: tmachine help --man | man -l -',
  arguments: [{ name: 'command', optional: true, kind: 'command' }],
  flags: {
    all: { type: 'boolean', summary: 'Explain every command with every option' },
    man: { type: 'boolean', summary: 'Print the manual page, for man and mandoc' },
  },
  // With a command's name this is that command's own --help.
  async run({ flags }, tools) {
    const columns = columnsOf(tools.output);
    if (!flags.all && !flags.man) {
      tools.print(formatHelp(commands, columns));
      return undefined;
    }
    const { loadHelpPages } = await import('../load-help-pages.ts');
    const pages = await loadHelpPages(commands, tools.drivers);
    if (flags.man) {
      const { formatManPage } = await import('../man-page.ts');
      tools.print(formatManPage(pages, { version: tools.version, date: new Date() }));
      return undefined;
    }
    const texts = pages.map((page) => formatCommandHelp(page.command, page.groups, columns));
    tools.print([formatHelp(commands, columns), ...texts].join('\n'));
    return undefined;
  },
});
