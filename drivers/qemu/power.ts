import { type PowerControls, TmachineError } from 'tmachine/driver';
import { bootQemu } from './boot.ts';
import type { QemuMachine } from './machine.ts';
import { isMonitorFailure, openMonitor, queryRunState } from './monitor.ts';
import { checkListeners, listenersOf } from './ports.ts';
import { endQemu, findQemu, findQemuAfterCrash, forgetQemu } from './process.ts';

/** The verbs of one machine. */
export function qemuPower(machine: QemuMachine): Omit<PowerControls, 'save'> {
  return {
    start: async () => await start(machine),
    stop: async () => await stop(machine),
    restart: async () => {
      await stop(machine);
      await start(machine);
    },
    kill: async () => await endQemu(machine),
    pause: async () => await command(machine, 'stop', 'STOP'),
    resume: async () => await command(machine, 'cont', 'RESUME'),
  };
}

async function start(machine: QemuMachine): Promise<void> {
  const { files, host } = machine;
  if ((await findQemuAfterCrash(machine)) !== undefined) return await resumeIfPaused(machine);
  for (const path of [files.disk, files.image]) if (!(await host.files.exists(path))) throw incomplete(machine, path);
  await checkListeners(machine, listenersOf(machine.data()));
  await bootQemu(machine);
}

async function resumeIfPaused(machine: QemuMachine): Promise<void> {
  if ((await queryRunState(machine)) === 'paused') await command(machine, 'cont', 'RESUME');
}

/** Presses the power button until QEMU has ended. A paused guest could not react, so it is resumed first. */
async function stop(machine: QemuMachine): Promise<void> {
  const { host, limits, name } = machine;
  const identity = await findQemu(machine);
  if (identity === undefined) return;
  await resumeIfPaused(machine);
  let pressedAt = Number.NEGATIVE_INFINITY;
  try {
    await host.waitUntil(`"${name}" to power off`, limits.stopMs, async () => {
      if (!(await host.processes.isRunning(identity))) return true;
      if (Date.now() - pressedAt < limits.pressAgainMs) return false;
      pressedAt = Date.now();
      await pressPowerButton(machine);
      return false;
    });
  } catch (error) {
    if (error instanceof TmachineError && error.code === 'TIMED_OUT') throw notStopped(machine, error);
    throw error;
  }
  await forgetQemu(machine);
}

/** QEMU forgets the button when the connection closes at once, so the event is awaited. */
async function pressPowerButton(machine: QemuMachine): Promise<void> {
  try {
    await using monitor = await openMonitor(machine);
    await monitor?.executeUntil('system_powerdown', 'POWERDOWN');
  } catch (error) {
    if (!isMonitorFailure(error)) throw error;
  }
}

async function command(machine: QemuMachine, execute: string, event: string): Promise<void> {
  await using monitor = await openMonitor(machine);
  if (monitor === undefined)
    throw new TmachineError(`Cannot ${execute === 'stop' ? 'pause' : 'resume'} "${machine.name}": it is not running`, {
      code: 'NOT_RUNNING',
      hint: `start it with \`tmachine start ${machine.name}\``,
    });
  const status = (await monitor.execute('query-status')) as { readonly running: boolean };
  if (status.running === (execute === 'cont')) return;
  await monitor.executeUntil(execute, event);
}

function incomplete(machine: QemuMachine, path: string): TmachineError {
  return new TmachineError(`Cannot start "${machine.name}": "${path}" is missing`, {
    code: 'QEMU_FILE_MISSING',
    hint: `remove the machine with \`tmachine rm ${machine.name}\` and create it again`,
  });
}

function notStopped({ name, limits }: QemuMachine, cause: Error): TmachineError {
  return new TmachineError(`Cannot stop "${name}": it has not powered off within ${limits.stopMs / 1000} s`, {
    code: 'STOP_TIMED_OUT',
    hint: `see what it does with \`tmachine ssh ${name}\`, or end it with \`tmachine kill ${name}\``,
    cause,
  });
}
