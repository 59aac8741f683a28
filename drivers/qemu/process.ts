import { type ProcessIdentity, TmachineError } from 'tmachine/driver';
import { explainQemuFailure } from './failures.ts';
import type { QemuMachine } from './machine.ts';
import { isMonitorFailure, isMonitorHeld, openMonitor, queryRunState } from './monitor.ts';
import { pollUntil } from './poll.ts';

/**
 * The machine's QEMU, when it runs. A pid counts only with its start time, or while somebody holds the monitor: QEMU's
 * own pid file may be a stale one whose pid now belongs to another program.
 */
export async function findQemu(machine: QemuMachine): Promise<ProcessIdentity | undefined> {
  const { host } = machine;
  const recorded = await readRecord(machine);
  if (recorded !== undefined && recorded.startedAt !== '' && (await host.processes.isRunning(recorded)))
    return recorded;
  if (!(await isMonitorHeld(machine))) return undefined;
  const pid = Number(await host.files.readText(machine.files.pid));
  return Number.isSafeInteger(pid) && pid > 0 ? await host.processes.identify(pid) : recorded;
}

/** As `findQemu`, but where a start was cut short before it recorded its process, waits for that process to show up. */
export async function findQemuAfterCrash(machine: QemuMachine): Promise<ProcessIdentity | undefined> {
  let found = await findQemu(machine);
  if (found !== undefined || !(await machine.host.files.exists(machine.files.starting))) return found;
  await pollUntil(async () => {
    found = await findQemu(machine);
    return found !== undefined;
  }, 2000);
  return found;
}

/**
 * Starts QEMU in the machine's folder and waits until it runs.
 *
 * @throws TmachineError with QEMU's own explanation when it ends at once, `QEMU_NOT_READY` when it says nothing.
 */
export async function launchQemu(machine: QemuMachine, program: string, args: readonly string[]): Promise<void> {
  const { host, files } = machine;
  await host.files.rename(files.console, files.previousConsole);
  for (const stale of [files.monitor, files.process, files.log]) await host.files.remove(stale);
  await host.files.write(files.starting, '', 0o600);
  const identity = await host.processes.startDetached({ program, args, cwd: host.directory }, files.log);
  try {
    await host.files.write(files.process, `${JSON.stringify(identity)}\n`, 0o600);
    await host.files.remove(files.starting);
    await waitUntilReady(machine, identity);
  } catch (error) {
    await endQemuProcess(machine, identity);
    await forgetQemu(machine);
    throw error;
  }
}

async function waitUntilReady(machine: QemuMachine, identity: ProcessIdentity): Promise<void> {
  const { host, limits } = machine;
  await host.waitUntil('QEMU to start', limits.processMs * 6, async () => {
    const status = await queryRunState(machine).catch((error: unknown) => {
      // A monitor that falls silent belongs to a QEMU that is still busy, or that has just ended.
      if (isMonitorFailure(error)) return undefined;
      throw error;
    });
    if (status !== undefined) return true;
    if (await host.processes.isRunning(identity)) return false;
    throw explainQemuFailure(await host.files.readTail(machine.files.log, 16_384), machine);
  });
}

/**
 * Ends the machine's QEMU without asking the guest. Nothing happens when none runs.
 *
 * @throws TmachineError `QEMU_NOT_ENDED` when even the last signal does not help.
 */
export async function endQemu(machine: QemuMachine): Promise<void> {
  const identity = await findQemuAfterCrash(machine);
  if (identity !== undefined) await endQemuProcess(machine, identity);
  else await quitUnknownQemu(machine);
  await forgetQemu(machine);
}

/** One whose process nobody knows any more, because its files were removed, still listens to its monitor. */
async function quitUnknownQemu(machine: QemuMachine): Promise<void> {
  if (!(await isMonitorHeld(machine))) return;
  await quit(machine);
  if (await pollUntil(async () => !(await isMonitorHeld(machine)), machine.limits.processMs)) return;
  const message = `Cannot end QEMU of "${machine.name}": it does not react, and its process is not known`;
  throw new TmachineError(message, {
    code: 'QEMU_NOT_ENDED',
    hint: `look for a QEMU named ${machine.name} and end it`,
  });
}

async function endQemuProcess(machine: QemuMachine, identity: ProcessIdentity): Promise<void> {
  const { processes } = machine.host;
  const isGone = async (): Promise<boolean> => !(await processes.isRunning(identity));
  if (await isGone()) return;
  if ((await quit(machine)) && (await pollUntil(isGone, machine.limits.processMs))) return;
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    await processes.signal(identity, signal);
    if (await pollUntil(isGone, machine.limits.processMs)) return;
  }
  throw new TmachineError(
    `Cannot end QEMU of "${machine.name}": process ${identity.pid} does not react to any signal`,
    {
      code: 'QEMU_NOT_ENDED',
    },
  );
}

/** Whether QEMU has agreed to end. One that hangs or is already on its way out does not answer. */
async function quit(machine: QemuMachine): Promise<boolean> {
  try {
    await using monitor = await openMonitor(machine);
    await monitor?.execute('quit');
    return monitor !== undefined;
  } catch (error) {
    if (isMonitorFailure(error)) return false;
    throw error;
  }
}

/** Removes what only a running QEMU needs. */
export async function forgetQemu(machine: QemuMachine): Promise<void> {
  const { files, host } = machine;
  for (const path of [files.starting, files.process, files.pid, files.monitor]) await host.files.remove(path);
}

async function readRecord(machine: QemuMachine): Promise<ProcessIdentity | undefined> {
  const text = await machine.host.files.readText(machine.files.process);
  if (text === undefined) return undefined;
  try {
    const { pid, startedAt } = JSON.parse(text) as Partial<ProcessIdentity>;
    return typeof pid === 'number' && typeof startedAt === 'string' ? { pid, startedAt } : undefined;
  } catch {
    return undefined;
  }
}
