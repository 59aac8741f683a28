import { type DriverDefinition, defineDriver } from 'tmachine/driver';
import { configureVirtualBox } from './data.ts';
import { openVirtualBox } from './driver.ts';
import { locateVBoxManage } from './find-vboxmanage.ts';
import { virtualBoxFlags } from './flags.ts';
import { openMachine } from './open-machine.ts';
import { statesOfVirtualBox } from './states.ts';

/** Machines under VirtualBox on this computer, reached over a host-only network. */
export const virtualBoxDriver: DriverDefinition = defineDriver({
  name: 'virtualbox',
  summary: 'A virtual machine under VirtualBox, on this computer',
  flags: virtualBoxFlags,
  detect: async (computer) => {
    const program = await locateVBoxManage(computer);
    return program === undefined ? undefined : `VirtualBox is at ${program}`;
  },
  configure: configureVirtualBox,
  open: async (record, host) => openVirtualBox(openMachine(record, host)),
  states: async (machines) => await statesOfVirtualBox(machines.map(({ record, host }) => openMachine(record, host))),
});
