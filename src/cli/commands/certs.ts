import { exitCodes } from '../../errors/exit-codes.ts';
import { TmachineError } from '../../errors/tmachine-error.ts';
import { type Command, defineCommand, outputFlag } from '../command.ts';
import { someMachines } from '../machine-argument.ts';

const verbs = ['status', 'renew', 'rotate-ca'] as const;

export const command: Command = defineCommand({
  name: 'certs',
  summary: 'Show, renew and replace certificates',
  description: [
    'certs status [NAME...]   lists certificates and what is wrong with them; ends with 1 if something is',
    'certs renew [NAME...]    renews what has less than 30 days left or does not fit, and restarts those engines',
    'certs rotate-ca          replaces the certificate authority; called again, it goes on where it ended',
  ].join('\n'),
  arguments: [{ name: verbs.join('|') }, { name: 'name', optional: true, repeatable: true }],
  flags: {
    all: { type: 'boolean', short: 'a', summary: 'renew: all machines of the store' },
    force: { type: 'boolean', short: 'f', summary: 'renew: also what is not due, authority and client included' },
    finish: { type: 'boolean', summary: 'rotate-ca: do not wait for machines that are off' },
    ...outputFlag,
  },
  async run({ args, flags }, tools) {
    const [verb, ...names] = args;
    const certs = await import('../certs.ts');
    const all = await tools.store.names();
    for (const name of names) if (!all.includes(name)) await tools.store.load(name);
    switch (verb) {
      case 'status':
        return await certs.runCertsStatus(names.length > 0 ? [...new Set(names)] : all, tools);
      case 'renew': {
        if (flags.all && names.length > 0) throw unusable('certs renew takes names or --all, not both');
        const chosen = flags.all ? all : await someMachines(names, tools.store);
        return await certs.runCertsRenew(chosen, flags.force, tools);
      }
      case 'rotate-ca':
        if (names.length > 0) throw unusable(`certs rotate-ca is for all machines, and takes no "${names[0]}"`);
        return await certs.runCertsRotate(flags.finish, tools);
      default:
        throw unusable(verb === undefined ? 'certs needs to be told what to do' : `certs cannot "${verb}"`);
    }
  },
});

function unusable(message: string): TmachineError {
  return new TmachineError(message, {
    code: 'USAGE',
    exitCode: exitCodes.usage,
    hint: `say one of: ${verbs.map((verb) => `certs ${verb}`).join(', ')}`,
  });
}
