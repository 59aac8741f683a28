import type { CertificateProblem } from '../certs/assess.ts';
import type { RenewalWish } from '../certs/authority.ts';
import { readTextIfExists } from '../host/files.ts';
import { authorityOptions, authorityPathsOf, closeKeys, openAuthority } from './authority.ts';
import { refreshClientCopies } from './client-copies.ts';
import type { MachineContext } from './context.ts';
import { refreshContext } from './docker-context.ts';
import { endpointOf } from './engine-url.ts';
import type { Machine } from './machine.ts';

/** Which of the certificates that all machines share were made anew. */
export interface SharedRenewal {
  readonly ca: boolean;
  readonly client: boolean;
}

/**
 * Renews the authority and the client pair that all machines share, as far as `wish` says, and takes the copies of every
 * machine after them.
 *
 * @throws TmachineError `CUSTOM_CERTIFICATE` when the user named a file that would have to be replaced.
 */
export async function renewShared(wish: RenewalWish, context: MachineContext): Promise<SharedRenewal> {
  const { renewAuthority } = await import('../certs/authority.ts');
  const { renewed } = await renewAuthority(authorityPathsOf(context), wish, authorityOptions(context));
  if (renewed.ca || renewed.client) await refreshAllCopies(context);
  return renewed;
}

/** Brings the copies of every machine of the store up to date. */
export async function refreshAllCopies(context: MachineContext): Promise<void> {
  const { refreshCopies } = await import('../certs/copies.ts');
  const authority = await openAuthority(context);
  for (const { name, record } of await context.store.loadAll()) {
    const { ca, client } = authorityPathsOf(context, record);
    if (ca.isCustom || client.isCustom) continue;
    const fresh = await refreshCopies(context.store.layout.machine(name).directory, authority);
    if (fresh.length > 0) await refreshContext(name, context);
  }
}

/**
 * What must be right on this computer before an engine is asked: shared certificates that are about to expire are renewed,
 * this machine's copies brought up to date, and its keys closed. The user's own files are only warned of.
 */
export async function prepareCertificates(machine: Machine, context: MachineContext): Promise<void> {
  const paths = authorityPathsOf(context, machine.record);
  const { isAuthorityDue } = await import('../certs/authority.ts');
  if (await isAuthorityDue(paths, new Date())) {
    if (paths.ca.isCustom || paths.client.isCustom) {
      const text =
        'The certificates that you named with --tls-… have less than 30 days left: renew them where they were made';
      machine.emit({ type: 'notice', level: 'warning', text });
    } else {
      const { ca } = await renewShared({ ca: 'due', client: 'due' }, context);
      const what = ca ? 'certificate authority' : 'client certificate';
      machine.emit({ type: 'notice', level: 'info', text: `The ${what} was about to expire: it is renewed` });
    }
  }
  const own = [paths.ca, paths.client].flatMap(({ key, isCustom }) => (isCustom ? [] : [key]));
  const { clientKey, serverKey, sshKey } = machine.files;
  await closeKeys([...own, clientKey, serverKey, sshKey], { platform: context.platform, emit: machine.emit });
  await refreshClientCopies(machine, context);
}

/** Why a machine should get a new server certificate, most important first; nothing where it is good for 30 days and more. */
export async function reasonsToRenew(
  machine: Machine,
  context: MachineContext,
): Promise<readonly CertificateProblem[]> {
  const [{ assessServer }, { readMachineTexts }, { readRotation }] = await Promise.all([
    import('../certs/assess.ts'),
    import('../certs/copies.ts'),
    import('../certs/rotation.ts'),
  ]);
  const { ca, folder } = authorityPathsOf(context, machine.record);
  const [own, caPem, rotation, url] = await Promise.all([
    readMachineTexts(machine.files.directory),
    readTextIfExists(ca.cert),
    readRotation(folder),
    machine.driver.dockerUrl().catch(() => undefined),
  ]);
  if (caPem === undefined) return [];
  const address = url === undefined || url === '' ? undefined : endpointOf(url).host;
  return assessServer(own, { caPem, isRotating: rotation !== undefined && !ca.isCustom, now: new Date(), address })
    .problems;
}
