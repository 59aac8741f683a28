import { TmachineError } from '../errors/tmachine-error.ts';
import type { MachineStore, StoredMachine } from '../store/machine-store.ts';
import { type Deadline, startDeadline } from './deadline.ts';

/**
 * All machines of the store. A disk may be far away: a record that cannot be read in half the time is given up, so that the other half is left for
 * asking the machines.
 *
 * @throws TmachineError `STORE_UNREADABLE`.
 */
export async function readStored(store: MachineStore, deadline: Deadline): Promise<readonly StoredMachine[]> {
  using half = startDeadline(deadline.timeoutMs / 2, deadline.signal);
  const silence = `no answer from the disk in ${half.timeoutMs / 1000} s`;
  const names = await half.race(store.names(), () => undefined);
  if (names === undefined)
    throw new TmachineError(`Cannot list the machines in ${store.layout.machines}: ${silence}`, {
      code: 'STORE_UNREADABLE',
    });
  return await Promise.all(
    names.map(async (name) => {
      const late = (): StoredMachine => ({
        name,
        error: new TmachineError(`Cannot read machine "${name}": ${silence}`, { code: 'TIMED_OUT' }),
      });
      return await half.race(store.tryLoad(name), late);
    }),
  );
}
