import type { Authority } from '../certs/authority.ts';
import type { ServerCertificateRequest } from '../certs/machine-certs.ts';
import type { Pair } from '../certs/pair.ts';
import type { GuestAccess } from '../driver/contract.ts';
import type { ProvisionRequest } from '../provision/provision-guest.ts';
import type { Guest } from '../ssh/guest.ts';
import { openAuthority, userName } from './authority.ts';
import type { MachineContext } from './context.ts';
import { endpointOf, requireUrl } from './engine-url.ts';
import { openGuestWhenReady, requireGuest } from './guest.ts';
import { changeMachine, type Machine } from './machine.ts';
import { prepareCertificates } from './renewal.ts';
import { requireProvisionedEngine } from './wait-for-engine.ts';

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
    await prepareCertificates(machine, context);
    await provisionOver(machine, context, 'certificates');
    await requireProvisionedEngine(machine, context);
  });
}

/** Brings a running guest to an engine with this store's certificates, in docker-machine's steps. */
export async function provisionOver(
  machine: Machine,
  context: MachineContext,
  scope: ProvisionRequest['scope'],
): Promise<void> {
  const guest = requireGuest(machine);
  const { provisionGuest } = await import('../provision/provision-guest.ts');
  const url = requireUrl(machine);
  let given: { readonly authority: Authority; readonly server: Pair } | undefined;
  await provisionGuest({
    scope,
    // The driver may know the engine's port only once it was asked where the engine is.
    get plan() {
      return planOf(machine, guest);
    },
    connect: () => openWhile(url, machine, context),
    makeCertificates: async () => {
      given = await makeCertificates(machine, context, endpointOf(await url).host);
      const { authority, server } = given;
      return { ca: authority.ca.certPem, serverCert: server.certPem, serverKey: server.keyPem };
    },
    emit: machine.emit,
  });
  // Only now: the folder tells what the engine has, whenever this is interrupted.
  const { keepMachineCertificates } = await import('../certs/machine-certs.ts');
  if (given !== undefined) await keepMachineCertificates(machine.files.directory, given.authority, given.server);
}

/** Logs in while the driver is asked where the engine is, which can take as long; of a machine that is off nobody waits for SSH. */
async function openWhile(running: Promise<unknown>, machine: Machine, context: MachineContext): Promise<Guest> {
  const ending = new AbortController();
  const opening = openGuestWhenReady(
    machine,
    { ...context, signal: AbortSignal.any([context.signal, ending.signal]) },
    'ssh',
  );
  opening.catch(() => undefined);
  try {
    await running;
    return await opening;
  } catch (error) {
    ending.abort();
    await opening.then(
      (guest) => guest[Symbol.asyncDispose](),
      () => undefined,
    );
    throw error;
  }
}

/** What the guest of a machine is told apart from its certificates. */
export function planOf({ name, record }: Machine, { enginePort }: GuestAccess): ProvisionRequest['plan'] {
  return {
    hostname: name,
    options: record.options.EngineOptions,
    driverName: record.driverName,
    port: enginePort,
  };
}

async function makeCertificates(machine: Machine, context: MachineContext, address: string) {
  const { issueServerCertificate } = await import('../certs/machine-certs.ts');
  const authority = await openAuthority(context, machine.record);
  const request = certificateRequest(machine, { user: userName(context), addresses: [address] });
  return { authority, server: await issueServerCertificate(authority.ca, request) };
}
