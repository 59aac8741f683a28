import { TmachineError } from '../errors/tmachine-error.ts';
import type { Machine } from './machine.ts';

/** @throws TmachineError `NOT_RUNNING` when no engine can be reached. */
export async function requireUrl(machine: Machine): Promise<string> {
  const [state, url] = await Promise.all([machine.driver.state(), machine.driver.dockerUrl()]);
  if (state !== 'Running' || url === undefined || url === '') throw notRunning(machine);
  return url;
}

/** Where an engine listens, from its `tcp://` URL. @throws TmachineError `URL_UNUSABLE`. */
export function endpointOf(url: string): { readonly host: string; readonly port: number } {
  const { hostname, port } = URL.canParse(url) ? new URL(url) : { hostname: '', port: '' };
  if (hostname === '')
    throw new TmachineError(`Cannot reach an engine at "${url}": it names no host of a network`, {
      code: 'URL_UNUSABLE',
    });
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 2376) };
}

/** `HOST:PORT`, with brackets around an IPv6 address. */
export function formatEndpoint({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The error every command gives for a machine that is off. */
export function notRunning({ name, driver }: Machine): TmachineError {
  const hint =
    driver.power.start === undefined
      ? 'it cannot be reached; see whether it is switched on, and connected'
      : `start it: tmachine start ${name}`;
  return new TmachineError('Host is not running', { code: 'NOT_RUNNING', hint });
}
