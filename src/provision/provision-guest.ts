import { type Emit, step } from '../events/event.ts';
import type { Guest } from '../ssh/guest.ts';
import { applyRecipe } from './apply.ts';
import { askTime, offOf, setClockRight } from './clock.ts';
import { detectDistro } from './detect.ts';
import { parseOsRelease } from './os-release.ts';
import type { EngineCertificates, GuestPlan } from './plan.ts';
import type { Recipe } from './recipe.ts';

/** How a guest is brought to a running engine. */
export interface ProvisionRequest {
  /** Everything, or new certificates and a restart only. */
  readonly scope: 'everything' | 'certificates';
  readonly plan: GuestPlan;
  /** Logs in; the guest is closed in the end. Reports its waiting under the step `ssh`. */
  connect(): Promise<Guest>;
  /** Issues the server's certificate. */
  makeCertificates(): Promise<EngineCertificates>;
  readonly emit: Emit;
}

/**
 * Provisions a guest over one SSH connection, with docker-machine's own words as step titles.
 *
 * @throws TmachineError `DISTRO_UNKNOWN`, `PROVISION_FAILED` with the end of the daemon's log, or a failure of SSH.
 */
export async function provisionGuest(request: ProvisionRequest): Promise<void> {
  const { emit } = request;
  await using guest = await step(emit, 'ssh', 'Waiting for SSH to be available', () => request.connect());
  const question = `cat /etc/os-release; ${askTime}`;
  const plan = (answer: Promise<string>): Promise<Recipe> => planRecipe(answer, guest, request);
  await applyRecipe({ question, plan }, { guest, emit, name: request.plan.hostname });
}

async function planRecipe(answer: Promise<string>, guest: Guest, request: ProvisionRequest): Promise<Recipe> {
  const { emit } = request;
  const distro = await step(emit, 'detect', 'Detecting the provisioner', async () => {
    const askedAt = Date.now();
    const text = await answer;
    // Neither side would accept the other's certificates by a clock that is wrong.
    await setClockRight(guest, emit, offOf(text, askedAt));
    return detectDistro(parseOsRelease(text));
  });
  const certificates = await step(emit, 'local-certs', 'Copying certs to the local machine directory', () =>
    request.makeCertificates(),
  );
  const plan = { ...request.plan, certificates };
  return request.scope === 'everything' ? distro.plan(plan) : distro.planCertificates(plan);
}
