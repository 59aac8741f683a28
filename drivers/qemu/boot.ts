import { TmachineError } from 'tmachine/driver';
import { chooseAccelerator, gatherAcceleratorFacts } from './accelerator.ts';
import { type Accelerator, qemuArguments } from './command-line.ts';
import type { QemuMachine } from './machine.ts';
import { countImageReads, isMonitorFailure } from './monitor.ts';
import { endQemu, launchQemu } from './process.ts';
import { findQemuProgram } from './program.ts';

/**
 * Starts QEMU with the accelerator asked for. Under `auto` a guest that does not live under hardware acceleration is
 * started again under TCG, and that is remembered.
 *
 * @throws TmachineError with QEMU's own explanation.
 */
export async function bootQemu(machine: QemuMachine): Promise<void> {
  const { host } = machine;
  const data = machine.data();
  const program = await findQemuProgram(host, data.Program);
  if (data.Accel !== 'auto') return await launch(machine, program, data.Accel as Accelerator);
  const choice = chooseAccelerator(await gatherAcceleratorFacts(host, program, data.FailedAccel));
  if (choice.accelerator === 'tcg') {
    host.emit({ type: 'notice', level: 'info', text: `No hardware acceleration, so it is slower: ${choice.reason}` });
    return await launch(machine, program, 'tcg');
  }
  const fault = await tryHardware(machine, program, choice.accelerator);
  if (fault === undefined) return;
  const text = `Hardware acceleration (${choice.accelerator}) does not work here, going on without it: ${fault}`;
  host.emit({ type: 'notice', level: 'warning', text });
  await machine.update({ FailedAccel: choice.accelerator });
  await launch(machine, program, 'tcg');
}

/** Why the guest does not live under this accelerator; nothing when it does. */
async function tryHardware(
  machine: QemuMachine,
  program: string,
  accelerator: Accelerator,
): Promise<string | undefined> {
  try {
    await launch(machine, program, accelerator);
  } catch (error) {
    const isAcceleratorsFault =
      error instanceof TmachineError && ['QEMU_ACCELERATOR', 'QEMU_FAILED'].includes(error.code);
    if (isAcceleratorsFault) return error.message;
    throw error;
  }
  try {
    if (await givesSignOfLife(machine)) return undefined;
  } catch (error) {
    await endQemu(machine);
    throw error;
  }
  await endQemu(machine);
  return `the guest gave no sign of life for ${machine.limits.silenceMs / 1000} s`;
}

/** A guest lives when it writes to its console; as long as its boot loader reads the image it may take its time. */
async function givesSignOfLife(machine: QemuMachine): Promise<boolean> {
  const { host, files, limits } = machine;
  let reads = 0;
  let quietSince = Date.now();
  const verdict = await host.waitUntil('the first sign of life of the guest', limits.silenceMs * 10, async () => {
    if ((await host.files.readTail(files.console, 1)) !== '') return 'alive';
    const now = await countImageReads(machine).catch((error: unknown) => {
      if (isMonitorFailure(error)) return reads;
      throw error;
    });
    // A guest that has already ended has lived.
    if (now === undefined) return 'alive';
    if (now !== reads) quietSince = Date.now();
    reads = now;
    return Date.now() - quietSince >= limits.silenceMs && 'silent';
  });
  return verdict === 'alive';
}

async function launch(machine: QemuMachine, program: string, accelerator: Accelerator): Promise<void> {
  const { host } = machine;
  const data = machine.data();
  const cpuCount = data.CPU === -1 ? host.cpuCount : data.CPU;
  const choice = { platform: host.platform, accelerator, cpuCount };
  try {
    await launchQemu(machine, program, qemuArguments(data, { ...choice, sandbox: host.platform === 'linux' }));
  } catch (error) {
    if (!(error instanceof TmachineError && error.code === 'QEMU_NO_SANDBOX')) throw error;
    await launchQemu(machine, program, qemuArguments(data, { ...choice, sandbox: false }));
  }
}
