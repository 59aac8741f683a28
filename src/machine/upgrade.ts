import type { BootImageControl } from '../driver/contract.ts';
import { TmachineError } from '../errors/tmachine-error.ts';
import { step } from '../events/event.ts';
import { haveSameContent } from '../host/same-content.ts';
import { findNewestImageFor } from './boot-image.ts';
import { planOf } from './certificates.ts';
import { compareVersions } from './compare-versions.ts';
import type { MachineContext } from './context.ts';
import { engineVersion } from './engine.ts';
import { makeEngineReady } from './engine-ready.ts';
import { requireUrl } from './engine-url.ts';
import { openGuestWhenReady, requireGuest } from './guest.ts';
import { changeMachine, type Machine, requireVerb } from './machine.ts';
import { requireProvisionedEngine } from './wait-for-engine.ts';

/**
 * Gives a machine the newest engine there is for it: a newer boot image where it starts from one, else a newer package. Nothing
 * is done to a machine that has it already.
 *
 * @throws TmachineError `UPGRADE_IMPOSSIBLE`, or what went wrong.
 */
export async function upgradeMachine(name: string, context: MachineContext): Promise<void> {
  await changeMachine(name, context, async (machine) => {
    const { bootImage } = machine.driver;
    if (bootImage === undefined) return await upgradePackage(machine, context);
    info(machine, 'Upgrading docker...');
    await upgradeImage(machine, bootImage, context);
  });
}

async function upgradePackage(machine: Machine, context: MachineContext): Promise<void> {
  const { emit } = machine;
  const guest = requireGuest(machine);
  const { start } = machine.driver.power;
  if (start !== undefined && (await machine.driver.state()) !== 'Running')
    await step(emit, 'wake', 'Starting machine so machine can be upgraded', requireVerb(machine, 'start'));
  const before = await versionIfAnswering(machine, context);
  const { upgradeGuest } = await import('../provision/upgrade-guest.ts');
  await upgradeGuest({
    plan: planOf(machine, guest),
    connect: () => openGuestWhenReady(machine, context, 'ssh'),
    emit,
  });
  await requireProvisionedEngine(machine, context);
  await report(machine, before, context);
}

async function upgradeImage(machine: Machine, current: BootImageControl, context: MachineContext): Promise<void> {
  const { emit, name } = machine;
  const state = await machine.driver.state();
  const before = state === 'Running' ? await versionIfAnswering(machine, context) : undefined;
  const image = await step(emit, 'newest-image', 'Looking for the newest boot image', () =>
    findNewestImageFor(current.source, { context, emit }),
  );
  const offered = image.manifest?.engineVersion;
  if (await haveSameContent(image.path, current.path, context.signal))
    return info(machine, `"${name}" has the newest boot image${inBrackets(offered ?? before)}: nothing to do`);
  if (before !== undefined && offered !== undefined && compareVersions(offered, before) < 0)
    return info(
      machine,
      `"${name}" runs Docker ${before}, and the newest boot image has only ${offered}: nothing done`,
    );
  await switchOff(machine);
  await step(emit, 'upgrade', `Upgrading machine "${name}"`, () => current.replace(image));
  await step(emit, 'start', 'Starting machine back up', requireVerb(machine, 'start'));
  await makeEngineReady(machine, context);
  await report(machine, before, context);
}

/** The guest's memory may be kept, or half of it be written down: only a guest that shut itself down can start from elsewhere. */
async function switchOff(machine: Machine): Promise<void> {
  const state = await machine.driver.state();
  if (state === 'Stopped') return;
  if (state !== 'Running')
    await step(machine.emit, 'wake', 'Starting machine so machine can be upgraded', requireVerb(machine, 'start'));
  await step(machine.emit, 'stop', 'Stopping machine to do the upgrade', requireVerb(machine, 'stop'));
}

async function versionIfAnswering(machine: Machine, context: MachineContext): Promise<string | undefined> {
  try {
    return await engineVersion(machine, await requireUrl(machine), context);
  } catch (error) {
    if (error instanceof TmachineError) return undefined;
    throw error;
  }
}

async function report(machine: Machine, before: string | undefined, context: MachineContext): Promise<void> {
  const after = await engineVersion(machine, await requireUrl(machine), context);
  if (after === before && machine.driver.bootImage === undefined)
    return info(machine, `"${machine.name}" has the newest engine of its packages (Docker ${after}): nothing to do`);
  const change = before === undefined || before === after ? after : `${before} -> ${after}`;
  info(machine, `Machine "${machine.name}" was upgraded: Docker ${change}`);
}

function inBrackets(version: string | undefined): string {
  return version === undefined ? '' : ` (Docker ${version})`;
}

function info(machine: Machine, text: string): void {
  machine.emit({ type: 'notice', level: 'info', text });
}
