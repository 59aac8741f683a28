import { type Command, defineCommand } from '../command.ts';
import { someMachines } from '../machine-argument.ts';

export const command: Command = defineCommand({
  name: 'regenerate-certs',
  summary: 'Make new TLS certificates for machines',
  description: 'The engines are restarted, which may stop containers that have no restart policy.',
  arguments: [{ name: 'name', optional: true, repeatable: true }],
  flags: {
    force: { type: 'boolean', short: 'f', summary: 'Do not ask' },
    'client-certs': { type: 'boolean', summary: 'Make a new client certificate as well' },
  },
  async run({ args, flags }, tools) {
    const names = await someMachines(args, tools.store);
    for (const name of names) await tools.store.load(name);
    const question = 'Regenerate TLS machine certs?  Warning: this is irreversible. (y/n): ';
    if (!flags.force && !(await tools.confirm(question))) return undefined;
    tools.say('Regenerating TLS certificates');
    const { forEachMachine, throwFailures } = await import('../../machine/each.ts');
    const { regenerateCertificates } = await import('../../machine/certificates.ts');
    if (flags['client-certs']) {
      const { renewShared } = await import('../../machine/renewal.ts');
      await renewShared({ ca: 'due', client: 'always' }, tools);
    }
    throwFailures(await forEachMachine(names, (name) => regenerateCertificates(name, tools)));
    return undefined;
  },
});
