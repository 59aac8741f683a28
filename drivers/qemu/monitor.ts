import type { Duplex } from 'node:stream';
import { isSystemError, type LocalEndpoint, TmachineError } from 'tmachine/driver';
import type { QemuMachine } from './machine.ts';
import { pollUntil } from './poll.ts';
import { QmpConnection } from './qmp.ts';

/** A connection to the machine's monitor; nothing when nobody listens there. */
export async function openMonitor(machine: QemuMachine): Promise<QmpConnection | undefined> {
  const socket = await connectMonitor(machine);
  return socket === undefined ? undefined : await QmpConnection.open(socket, machine.limits.monitorMs);
}

/** Whether a living QEMU holds the monitor, even one too busy to answer. */
export async function isMonitorHeld(machine: QemuMachine): Promise<boolean> {
  const socket = await connectMonitor(machine);
  socket?.destroy();
  return socket !== undefined;
}

/** What QEMU calls its run state, such as `running` or `paused`; nothing when nobody listens. */
export async function queryRunState(machine: QemuMachine): Promise<string | undefined> {
  await using monitor = await openMonitor(machine);
  const answer = (await monitor?.execute('query-status')) as { readonly status: string } | undefined;
  return answer?.status;
}

/** How often QEMU has read from the boot image; nothing when nobody listens. */
export async function countImageReads(machine: QemuMachine): Promise<number | undefined> {
  await using monitor = await openMonitor(machine);
  const drives = (await monitor?.execute('query-blockstats')) as readonly BlockStats[] | undefined;
  return drives?.find((drive) => drive.device === 'image')?.stats.rd_operations;
}

/** Whether the error says no more than that QEMU is busy, hung or on its way out. */
export function isMonitorFailure(error: unknown): boolean {
  if (error instanceof TmachineError) return error.code === 'QMP_SILENT' || error.code === 'QMP_REFUSED';
  return error instanceof Error && 'syscall' in error;
}

interface BlockStats {
  readonly device?: string;
  readonly stats: { readonly rd_operations: number };
}

/** QEMU lets few callers queue (Linux then says EAGAIN), and serves one at a time: many commands at once take turns. */
async function connectMonitor(machine: QemuMachine): Promise<Duplex | undefined> {
  const turnsMs = machine.limits.monitorMs * 6;
  let socket: Duplex | undefined;
  let busy: unknown;
  const isServed = await pollUntil(async () => {
    try {
      socket = await machine.host.network.connect(monitorEndpoint(machine));
    } catch (error) {
      busy = error;
      if (isSystemError(error, 'EAGAIN')) return false;
      if (!['ENOENT', 'ECONNREFUSED', 'ENOTDIR', 'ENOTSOCK'].some((code) => isSystemError(error, code))) throw error;
    }
    return true;
  }, turnsMs);
  if (!isServed) throw busy;
  return socket;
}

function monitorEndpoint(machine: QemuMachine): LocalEndpoint {
  if (machine.host.platform !== 'win32') return machine.files.monitor;
  return { address: '127.0.0.1', port: machine.data().MonitorPort };
}
