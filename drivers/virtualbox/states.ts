import type { MachineState } from 'tmachine/driver';
import { identityIn, readSettings } from './find-vm.ts';
import type { VirtualBoxMachine } from './machine.ts';
import { parseSections } from './parse-host-only.ts';
import { type ListedVm, parseLongVmList, parseVmList } from './parse-vm-list.ts';
import { planState } from './state.ts';

const enginePort = 2376;

/** What VirtualBox says in one short listing. */
interface Listing {
  readonly known: readonly ListedVm[];
  readonly running: ReadonlySet<string>;
}

/**
 * The states of several machines, in their order, with one call of VBoxManage, or two where a running one does not
 * answer: VirtualBox needs long to tell all about a VM, so it is asked about as few as possible.
 */
export async function statesOfVirtualBox(machines: readonly VirtualBoxMachine[]): Promise<readonly MachineState[]> {
  const [first] = machines;
  if (first === undefined) return [];
  const vboxManage = await first.vboxManage();
  const sections = parseSections(await vboxManage.run({ args: ['list', '--multiple', 'vms', 'runningvms'] }));
  const listing = {
    known: parseVmList(sections.get('vms') ?? ''),
    running: new Set(parseVmList(sections.get('runningvms') ?? '').map(({ uuid }) => uuid)),
  };
  const seen = await Promise.all(machines.map(async (machine) => await look(machine, listing)));
  if (seen.every((one) => one.state !== undefined)) return seen.map(({ state }) => state ?? 'Error');
  const told = parseLongVmList(await vboxManage.run({ args: ['list', '--long', 'runningvms'] }));
  return seen.map(({ state, uuid }) => {
    if (state !== undefined) return state;
    const vm = told.findLast((one) => one.uuid === uuid);
    // One that is not listed any more has ended in between.
    return vm === undefined ? 'Stopped' : planState(vm.state);
  });
}

/** The state as far as it shows without asking for more, and whom to ask about. */
async function look(
  machine: VirtualBoxMachine,
  { known, running }: Listing,
): Promise<{ readonly uuid: string | undefined; readonly state: MachineState | undefined }> {
  const settings = await readSettings(machine);
  const identity = machine.data().VMID || identityIn(settings);
  const vm = known.find(({ uuid, name }) => (identity === '' ? name === machine.name : uuid === identity));
  if (vm === undefined || vm.name.startsWith('<inaccessible')) return { uuid: vm?.uuid, state: 'Error' };
  if (running.has(vm.uuid)) return { uuid: vm.uuid, state: (await answers(machine)) ? 'Running' : undefined };
  return { uuid: vm.uuid, state: /<Machine\s[^>]*?stateFile="/.test(settings) ? 'Saved' : 'Stopped' };
}

/** A paused guest takes no connection. */
async function answers({ host, data, limits }: VirtualBoxMachine): Promise<boolean> {
  const { IPAddress } = data();
  return IPAddress !== '' && (await host.network.accepts(IPAddress, enginePort, limits.connectMs));
}
