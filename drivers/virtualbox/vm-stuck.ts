import { TmachineError } from 'tmachine/driver';
import type { VirtualBoxMachine } from './machine.ts';
import type { VmInfo } from './parse-vm-info.ts';

/** A VM in a state from which it can only be ended. */
export function vmStuck({ name }: VirtualBoxMachine, verb: string, { state }: VmInfo): TmachineError {
  return new TmachineError(`Cannot ${verb} "${name}": its VM is in state "${state}"`, {
    code: 'VIRTUALBOX_VM_STUCK',
    hint: `end it with \`tmachine kill ${name}\`, then start it`,
  });
}
