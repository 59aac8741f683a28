import type { MachineContext } from './context.ts';

/** What the Docker CLI of this shell talks to: an engine by its URL, or the machine of its context. */
export type ActiveTarget = { readonly url: string } | { readonly machine: string };

/** As the Docker CLI looks: at DOCKER_HOST, then at DOCKER_CONTEXT, then at its current context. Nothing when it is no machine. */
export async function findActive(context: MachineContext): Promise<ActiveTarget | undefined> {
  const url = context.env['DOCKER_HOST'];
  if (url) return { url };
  const { machineOfContext } = await import('./docker-context.ts');
  const machine = await machineOfContext(context);
  return machine === undefined ? undefined : { machine };
}

/** Whether that is this machine. One that does not run is never active. */
export function isActive(
  target: ActiveTarget | undefined,
  machine: { readonly name: string; readonly url: string },
): boolean {
  if (target === undefined || machine.url === '') return false;
  return 'url' in target ? target.url === machine.url : target.machine === machine.name;
}
