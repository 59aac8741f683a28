import { TmachineError } from 'tmachine/driver';
import type { VirtualBoxMachine } from './machine.ts';
import type { VBoxCall } from './vboxmanage.ts';

/** What came of a call: its standard output, or which of the expected refusals. */
export type Attempt = { readonly output: string } | { readonly refusal: string };

/** Makes a call; a failure with one of these codes is not thrown but told. */
export async function attempt(machine: VirtualBoxMachine, call: VBoxCall, codes: readonly string[]): Promise<Attempt> {
  const vboxManage = await machine.vboxManage();
  try {
    return { output: await vboxManage.run(call) };
  } catch (error) {
    if (error instanceof TmachineError && codes.includes(error.code)) return { refusal: error.code };
    throw error;
  }
}
