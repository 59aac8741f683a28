import { TmachineError } from '../errors/tmachine-error.ts';
import { step } from '../events/event.ts';
import { applyRecipe } from './apply.ts';
import { detectDistro } from './detect.ts';
import { parseOsRelease } from './os-release.ts';
import type { ProvisionRequest } from './provision-guest.ts';
import type { Recipe } from './recipe.ts';

/**
 * Brings the engine of a guest to the newest version that its packages have.
 *
 * @throws TmachineError `UPGRADE_IMPOSSIBLE`, `DISTRO_UNKNOWN`, `PROVISION_FAILED`, or a failure of SSH.
 */
export async function upgradeGuest(request: Pick<ProvisionRequest, 'plan' | 'connect' | 'emit'>): Promise<void> {
  const { emit, plan } = request;
  await using guest = await step(emit, 'ssh', 'Waiting for SSH to be available', () => request.connect());
  const planned = async (answer: Promise<string>): Promise<Recipe> => {
    const distro = await step(emit, 'detect', 'Detecting the provisioner', async () =>
      detectDistro(parseOsRelease(await answer)),
    );
    if (distro.planUpgrade === undefined)
      throw new TmachineError(`Cannot upgrade "${plan.hostname}": its engine comes with its boot image`, {
        code: 'UPGRADE_IMPOSSIBLE',
        hint: 'upgrade the machine that the image belongs to',
      });
    emit({ type: 'notice', level: 'info', text: 'Upgrading docker...' });
    return distro.planUpgrade(plan);
  };
  await applyRecipe({ question: 'cat /etc/os-release', plan: planned }, { guest, emit, name: plan.hostname });
}
