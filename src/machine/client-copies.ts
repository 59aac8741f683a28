import { readFileSync } from 'node:fs';
import { messageOf, TmachineError } from '../errors/tmachine-error.ts';
import { authorityPathsOf } from './authority.ts';
import type { MachineContext } from './context.ts';
import type { Machine } from './machine.ts';

/**
 * Brings the copies in a machine's folder up to date, so that no command and no Docker CLI uses old ones. Costs six small
 * reads where all is well. A store that cannot be written keeps its copies, and the user is told.
 */
export async function refreshClientCopies(machine: Machine, context: MachineContext): Promise<void> {
  const { ca, client } = authorityPathsOf(context, machine.record);
  const { caCert, clientCert, clientKey } = machine.files;
  const [caPem, certPem, keyPem] = [ca.cert, client.cert, client.key].map(read);
  if (caPem === undefined || certPem === undefined || keyPem === undefined) return;
  if (caPem === read(caCert) && certPem === read(clientCert) && keyPem === read(clientKey)) return;
  const [{ belongs }, { refreshCopies }] = await Promise.all([
    import('../certs/pair.ts'),
    import('../certs/copies.ts'),
  ]);
  // Halfway through a change, or damaged: then the copies are better than the originals.
  if (!belongs(keyPem, certPem)) return;
  try {
    const fresh = await refreshCopies(machine.files.directory, { ca: { certPem: caPem }, client: { certPem, keyPem } });
    if (fresh.length === 0) return;
    const { refreshContext } = await import('./docker-context.ts');
    await refreshContext(machine.name, context);
  } catch (error) {
    if (!(error instanceof TmachineError)) throw error;
    const text = `The certificates in ${machine.files.directory} are old, and cannot be renewed: ${messageOf(error)}`;
    machine.emit({ type: 'notice', level: 'warning', text });
  }
}

/** At once, as small files are read in less time than the thread pool takes to hear of them. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
