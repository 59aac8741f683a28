import { resolveFlags } from '../driver/resolve-flags.ts';
import { messageOf, TmachineError } from '../errors/tmachine-error.ts';
import { defaultHostOptions } from '../store/host-options.ts';
import type { MachineContext } from './context.ts';
import { dropContext } from './docker-context.ts';
import { openMachine, openRecord } from './machine.ts';

/**
 * Removes what the driver made, the machine's context of the Docker CLI, then what the store keeps.
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
        throw new TmachineError(`Error removing host "${name}": ${messageOf(error)}\nCan't remove "${name}"`, {
          code: 'REMOVE_FAILED',
          hint: `tmachine rm -f ${name} forgets the machine even so`,
          cause: error,
        });
      warn(name, error, context);
      if (isUnreadable(error)) await sweep(name, context);
    }
    await dropContext(name, context);
    await store.remove(name);
  });
}

function isUnreadable(error: unknown): boolean {
  return error instanceof TmachineError && ['CONFIG_UNREADABLE', 'CONFIG_FROM_FUTURE'].includes(error.code);
}

/** Without a record nobody knows whose machine it was, so each driver of this computer removes what it finds in the folder. */
async function sweep(name: string, context: MachineContext): Promise<void> {
  const { layout } = context.store;
  const files = layout.machine(name);
  const place = { name, storePath: layout.directory, sshKeyPath: files.sshKey };
  const options = defaultHostOptions(layout.certs, files);
  const local = (await context.drivers()).filter((driver) => driver.detect !== undefined);
  for (const driver of local) {
    try {
      const data = driver.configure(resolveFlags(driver.flags, {}, {}), place);
      await using machine = await openRecord({ name, driverName: driver.name, data, options }, context);
      await machine.driver.remove();
    } catch (error) {
      warn(name, error, context);
    }
  }
}

function warn(name: string, error: unknown, context: MachineContext): void {
  const text = `Error removing host "${name}": ${messageOf(error)}`;
  context.emitFor(name)({ type: 'notice', level: 'warning', text });
}
