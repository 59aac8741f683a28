import { explainByLogs } from './explain-by-logs.ts';
import type { VirtualBoxMachine } from './machine.ts';
import { mendSshPort } from './nat-port.ts';

/** Starts the VM, powered off or saved, and makes sure that its SSH port is really forwarded. */
export async function bootVm(machine: VirtualBoxMachine, logFolder: string): Promise<void> {
  const { host, files } = machine;
  const { KeepsConsole, UIType } = machine.data();
  if (KeepsConsole) await host.files.rename(files.console, files.previousConsole);
  const vboxManage = await machine.vboxManage();
  const start = { args: ['startvm', machine.vm(), '--type', UIType], timeoutMs: machine.limits.startMs };
  await vboxManage.run(start).catch(async (error: unknown) => {
    throw await explainByLogs(host, logFolder, error);
  });
  await mendSshPort(machine, logFolder);
}
