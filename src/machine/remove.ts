import { messageOf, TmachineError } from '../errors/tmachine-error.ts';
import type { MachineContext } from './context.ts';
import { openMachine } from './machine.ts';

/**
 * Removes what the driver made, then what the store keeps.
 * With `force` the store forgets the machine even when its files cannot be read or its driver fails.
 *
 * @throws TmachineError `REMOVE_FAILED`; then nothing of the store is gone.
 */
export async function removeMachine(name: string, force: boolean, context: MachineContext): Promise<void> {
  const { store } = context;
  if (!(await store.names()).includes(name)) await store.load(name);
  await store.withMachineLock(name, async () => {
    try {
      await using machine = await openMachine(name, context);
      await machine.driver.remove();
    } catch (error) {
      if (!force)
        throw new TmachineError(`Error removing host "${name}": ${messageOf(error)}`, {
          code: 'REMOVE_FAILED',
          hint: `tmachine rm -f ${name} forgets the machine even so`,
          cause: error,
        });
      context.emitFor(name)({
        type: 'notice',
        level: 'warning',
        text: `Error removing host "${name}": ${messageOf(error)}`,
      });
    }
    await store.remove(name);
  });
}
