import { isIpv4 } from './ipv4.ts';
import { optionInvalid } from './option-invalid.ts';

/** A forwarded TCP port. Without `host` it is reached at the machine's own address. */
export interface PublishedPort {
  readonly host: string | undefined;
  readonly hostPort: number;
  readonly guestPort: number;
}

/**
 * Reads `[HOST:]HOSTPORT:GUESTPORT`.
 *
 * @throws TmachineError `QEMU_OPTION_INVALID`.
 */
export function parsePublish(text: string): PublishedPort {
  const parts = text.split(':');
  if (parts.length < 2 || parts.length > 3) throw invalid(text, 'it does not have the form [HOST:]HOSTPORT:GUESTPORT');
  const [guestPort, hostPort, host] = parts.toReversed();
  if (host !== undefined && !isIpv4(host)) throw invalid(text, `"${host}" is not an IPv4 address`);
  return { host, hostPort: parsePort(text, hostPort), guestPort: parsePort(text, guestPort) };
}

function parsePort(text: string, part: string | undefined): number {
  const port = /^\d{1,5}$/.test(part ?? '') ? Number(part) : 0;
  if (port < 1 || port > 65535) throw invalid(text, `"${part}" is not a port`);
  return port;
}

function invalid(text: string, reason: string): Error {
  return optionInvalid('qemu-publish', text, reason, 'for example 8080:80 or 127.0.0.1:8080:80');
}
