import type { MachineContext } from './context.ts';
import { requireUrl } from './engine-url.ts';
import type { Machine } from './machine.ts';

/**
 * The URL of a running machine, whether or not its engine answers. An answering engine spares a slow driver the question,
 * and of an engine that somebody else looks after the URL is all there is to know.
 *
 * @throws TmachineError `NOT_RUNNING`, `CERTIFICATE_MISSING`.
 */
export async function findUrl(machine: Machine, context: MachineContext): Promise<string> {
  if (machine.driver.guest === undefined) return (await machine.driver.dockerUrl()) ?? (await requireUrl(machine));
  if (machine.driver.recordedUrl?.() === undefined) return await requireUrl(machine);
  const { reachEngine } = await import('./reach-engine.ts');
  return (await reachEngine(machine, context)).url;
}
