import { provisionOver } from './certificates.ts';
import type { MachineContext } from './context.ts';
import { changeMachine, type Machine } from './machine.ts';
import { requireProvisionedEngine } from './wait-for-engine.ts';

/** Sets a stored, running machine up again: host name, certificates, engine options. */
export async function provisionStored(name: string, context: MachineContext): Promise<void> {
  await changeMachine(name, context, async (machine) => {
    await provisionMachine(machine, context);
    await requireProvisionedEngine(machine, context);
  });
}

/** As `provisionStored`, for a machine that is open already. */
export async function provisionMachine(machine: Machine, context: MachineContext): Promise<void> {
  await provisionOver(machine, context, 'everything');
}
