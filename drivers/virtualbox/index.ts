import { type DriverDefinition, defineDriver } from 'tmachine/driver';
import { configureVirtualBox } from './data.ts';
import { virtualBoxFlags } from './flags.ts';

/**
 * Machines under VirtualBox on this computer, reached over a host-only network. Every command loads this file, so what only
 * some need is loaded by them.
 */
export const virtualBoxDriver: DriverDefinition = defineDriver({
  name: 'virtualbox',
  summary: 'A virtual machine under VirtualBox, on this computer',
  flags: virtualBoxFlags,
  detect: async (computer) => {
    const { locateVBoxManage } = await import('./find-vboxmanage.ts');
    const program = await locateVBoxManage(computer);
    return program === undefined ? undefined : `VirtualBox is at ${program}`;
  },
  configure: configureVirtualBox,
  open: async (record, host) => {
    const [{ openVirtualBox }, { openMachine }] = await Promise.all([
      import('./driver.ts'),
      import('./open-machine.ts'),
    ]);
    return openVirtualBox(openMachine(record, host));
  },
  states: async (machines) => {
    const [{ statesOfVirtualBox }, { openMachine }] = await Promise.all([
      import('./states.ts'),
      import('./open-machine.ts'),
    ]);
    return await statesOfVirtualBox(machines.map(({ record, host }) => openMachine(record, host)));
  },
});
