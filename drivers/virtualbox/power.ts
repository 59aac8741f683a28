import { join } from 'node:path';
import { type PowerControls, TmachineError } from 'tmachine/driver';
import { attempt } from './attempt.ts';
import { bootVm } from './boot.ts';
import { endVm } from './end-vm.ts';
import { findVm } from './find-vm.ts';
import type { VirtualBoxMachine } from './machine.ts';
import type { VmInfo } from './parse-vm-info.ts';
import { prepareStart } from './prepare-start.ts';
import { planState } from './state.ts';
import { stopVm } from './stop.ts';
import { vmStuck } from './vm-stuck.ts';

/** The verbs of this driver. */
export function virtualBoxPower(machine: VirtualBoxMachine): PowerControls {
  const stop = async (): Promise<void> => await stopVm(machine);
  const start = async (): Promise<void> => await startVm(machine);
  return {
    start,
    stop,
    restart: async () => {
      await stop();
      await start();
    },
    kill: async () => {
      const info = await findVm(machine);
      if (info !== undefined) await endVm(machine, info);
    },
    pause: async () => await pauseVm(machine, 'pause'),
    resume: async () => await pauseVm(machine, 'resume'),
    save: async () => await saveVm(machine),
  };
}

async function startVm(machine: VirtualBoxMachine): Promise<void> {
  const info = await requireVm(machine, 'start');
  switch (planState(info.state)) {
    case 'Running':
      return;
    case 'Paused':
      return await pauseVm(machine, 'resume');
    case 'Stopped':
    case 'Saved': {
      await prepareStart(machine, info);
      return await bootVm(machine, await logFolderOf(machine, info));
    }
    default:
      throw vmStuck(machine, 'start', info);
  }
}

async function logFolderOf(machine: VirtualBoxMachine, { logFolder }: VmInfo): Promise<string> {
  if (logFolder === undefined) return join(machine.host.directory, machine.name, 'Logs');
  return await (await machine.vboxManage()).toHostPath(logFolder);
}

/** Keeps the guest's memory on disk and takes the power away; the next start goes on from there. */
async function saveVm(machine: VirtualBoxMachine): Promise<void> {
  const info = await findVm(machine);
  const state = info === undefined ? undefined : planState(info.state);
  if (state === 'Saved') return;
  if (state !== 'Running' && state !== 'Paused') throw off(machine, 'save');
  const vboxManage = await machine.vboxManage();
  await vboxManage.run({ args: ['controlvm', machine.vm(), 'savestate'], timeoutMs: machine.limits.startMs });
}

async function pauseVm(machine: VirtualBoxMachine, verb: 'pause' | 'resume'): Promise<void> {
  if (machine.data().VMID === '' && (await findVm(machine)) === undefined) throw off(machine, verb);
  const call = { args: ['controlvm', machine.vm(), verb] };
  const answer = await attempt(machine, call, ['VBOX_VM_NOT_RUNNING', 'VBOX_VM_NOT_FOUND', 'VBOX_VM_STATE']);
  if ('output' in answer) return;
  if (answer.refusal !== 'VBOX_VM_STATE') throw off(machine, verb);
  // It may be so already; else the same refusal is told.
  const info = await findVm(machine);
  const isSo = info !== undefined && planState(info.state) === (verb === 'pause' ? 'Paused' : 'Running');
  if (!isSo) await (await machine.vboxManage()).run(call);
}

/** @throws TmachineError `VIRTUALBOX_VM_MISSING`. */
async function requireVm(machine: VirtualBoxMachine, verb: string): Promise<VmInfo> {
  const info = await findVm(machine);
  if (info !== undefined && info.state !== 'inaccessible') return info;
  const reason =
    info === undefined ? 'VirtualBox does not know its VM any more' : 'VirtualBox cannot read the settings of its VM';
  throw new TmachineError(`Cannot ${verb} "${machine.name}": ${reason}`, {
    code: 'VIRTUALBOX_VM_MISSING',
    hint: `add it to VirtualBox again, or remove the machine with \`tmachine rm ${machine.name}\``,
  });
}

function off({ name }: VirtualBoxMachine, verb: string): TmachineError {
  return new TmachineError(`Cannot ${verb} "${name}": it is not running`, {
    code: 'NOT_RUNNING',
    hint: `start it with \`tmachine start ${name}\``,
  });
}
