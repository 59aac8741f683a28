import { TmachineError } from '../../errors/tmachine-error.ts';

/** A path as `scp` and `mount` name it: in a machine, perhaps as another user, or on this computer. */
export type Location =
  | { readonly kind: 'local'; readonly path: string }
  | { readonly kind: 'machine'; readonly machine: string; readonly user: string | undefined; readonly path: string };

/** What decides how a path with a colon is read. */
export interface LocationContext {
  /** Names of the store's machines. */
  readonly machines: readonly string[];
  readonly platform: NodeJS.Platform;
}

/**
 * Reads `[[user@]machine:]path`. A colon behind a slash belongs to the path, as for scp; so does that of a drive on Windows.
 * `localhost:` is this computer, as for docker-machine. A path in a machine starts from the home folder.
 *
 * @throws TmachineError `MACHINE_NOT_FOUND` for a name that no machine has.
 */
export function parseLocation(text: string, { machines, platform }: LocationContext): Location {
  const colon = text.indexOf(':');
  const head = colon < 0 ? '' : text.slice(0, colon);
  const isDrive = platform === 'win32' && /^[a-z]$/i.test(head);
  const hasFolder = head.includes('/') || (platform === 'win32' && head.includes('\\'));
  if (head === '' || isDrive || hasFolder) return { kind: 'local', path: text };
  const at = head.lastIndexOf('@');
  const machine = head.slice(at + 1);
  const path = text.slice(colon + 1);
  if (machines.includes(machine))
    return { kind: 'machine', machine, user: at > 0 ? head.slice(0, at) : undefined, path: planHomePath(path) };
  if (head === 'localhost') return { kind: 'local', path };
  throw notFound(machine, text);
}

/** The path as SFTP takes it, which starts from the home folder by itself. */
function planHomePath(path: string): string {
  return path.replace(/^~(\/+|$)/, '') || '.';
}

function notFound(machine: string, text: string): TmachineError {
  const known = `Docker machine "${machine}" does not exist. Use "tmachine ls" to list machines. Use "tmachine create" to add a new one.`;
  return new TmachineError(known, {
    code: 'MACHINE_NOT_FOUND',
    hint: /^[a-z]:[\\/]/i.test(text)
      ? `if ${text} is a file of Windows, name it as this system does, such as /mnt/${machine.toLowerCase()}/${text.slice(3).replaceAll('\\', '/')}`
      : `if "${text}" is a file of this computer, write ./${text}`,
  });
}
