import type { Authority } from '../certs/authority.ts';
import type { ServerCertificateRequest } from '../certs/machine-certs.ts';
import { readTextIfExists } from '../host/files.ts';
import type { ProvisionRequest } from '../provision/provision-guest.ts';
import { authorityOptions, authorityPathsOf, openAuthority, userName } from './authority.ts';
import type { MachineContext } from './context.ts';
import { refreshContext } from './docker-context.ts';
import { endpointOf, requireUrl } from './engine-url.ts';
import { openGuestWhenReady, requireGuest } from './guest.ts';
import { changeMachine, type Machine } from './machine.ts';
import { requireEngine } from './wait-for-engine.ts';

/** What a machine's server certificate is made for. */
export function certificateRequest(
  machine: Machine,
  { user, addresses }: { readonly user: string; readonly addresses: readonly string[] },
): ServerCertificateRequest {
  const extraNames = machine.record.options.AuthOptions.ServerCertSANs ?? [];
  return { user, machine: machine.name, addresses, extraNames, now: new Date() };
}

/** Makes a machine's certificates anew, takes them into the guest and waits until its engine shows them. */
export async function regenerateCertificates(name: string, context: MachineContext): Promise<void> {
  await changeMachine(name, context, async (machine) => {
    await provisionOver(machine, context, 'certificates');
    await requireEngine(machine, context);
  });
}

/** As `regenerateCertificates`, for a machine that is open already and was found with another address. */
export async function mendCertificate(machine: Machine, context: MachineContext): Promise<void> {
  const text = 'The address is not the one its certificate was made for: making a new certificate';
  machine.emit({ type: 'notice', level: 'info', text });
  await provisionOver(machine, context, 'certificates');
  await requireEngine(machine, context);
}

/** Brings a running guest to an engine with this store's certificates, in docker-machine's steps. */
export async function provisionOver(
  machine: Machine,
  context: MachineContext,
  scope: ProvisionRequest['scope'],
): Promise<void> {
  requireGuest(machine);
  const { provisionGuest } = await import('../provision/provision-guest.ts');
  const url = await requireUrl(machine);
  await provisionGuest({
    scope,
    plan: {
      hostname: machine.name,
      options: machine.record.options.EngineOptions,
      driverName: machine.record.driverName,
    },
    connect: () => openGuestWhenReady(machine, context, 'ssh'),
    makeCertificates: () => makeCertificates(machine, context, endpointOf(url).host),
    emit: machine.emit,
  });
}

/** Replaces the client's certificate and key, for every machine of the store at once. */
export async function renewClient(context: MachineContext): Promise<void> {
  const { renewClientCertificate } = await import('../certs/authority.ts');
  const { copyClientFiles } = await import('../certs/machine-certs.ts');
  const authority = await renewClientCertificate(await authorityPathsOf(context), authorityOptions(context));
  for (const name of await context.store.names()) {
    const { directory, serverCert } = context.store.layout.machine(name);
    // A machine without a server certificate of ours is somebody else's engine, and so are the files there.
    if ((await readTextIfExists(serverCert)) === undefined) continue;
    await copyClientFiles(directory, authority);
    await refreshContext(name, context);
  }
}

async function makeCertificates(
  machine: Machine,
  context: MachineContext,
  address: string,
): Promise<Awaited<ReturnType<ProvisionRequest['makeCertificates']>>> {
  const { writeMachineCertificates } = await import('../certs/machine-certs.ts');
  const authority: Authority = await openAuthority(context);
  const request = certificateRequest(machine, { user: userName(context), addresses: [address] });
  const server = await writeMachineCertificates(machine.files.directory, authority, request);
  return { ca: authority.ca.certPem, serverCert: server.certPem, serverKey: server.keyPem };
}
