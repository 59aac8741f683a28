import { join } from 'node:path';
import { TmachineError } from 'tmachine/driver';
import { attempt } from './attempt.ts';
import type { VirtualBoxMachine } from './machine.ts';

const address = '127.0.0.1';

/** The rule's name is docker-machine's, so that either program finds it. */
const ruleName = 'ssh';

/** The words of `modifyvm` and `controlvm` that make the rule: `--natpf1 RULE`, `natpf1 RULE`. */
export function formatSshRule(port: number): string {
  return `${ruleName},tcp,${address},${port},,22`;
}

/** The words that replace a rule, each after `--natpf1`; deleting one that is not there fails. */
export function planSshRule(port: number, hasRule: boolean): readonly string[] {
  const remove = hasRule ? ['--natpf1', 'delete', ruleName] : [];
  return [...remove, '--natpf1', formatSshRule(port)];
}

/** A port of 127.0.0.1 on which nobody listens and which no other machine of the store has. */
export async function findSshPort({ host }: VirtualBoxMachine): Promise<number> {
  const others = new Set((await host.otherMachines()).map((other) => other['SSHPort']));
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = await host.network.findFreePort(address);
    if (!others.has(port)) return port;
  }
  throw new TmachineError(`Cannot find a free port on ${address}`, {
    code: 'PORT_TAKEN',
    hint: 'remove machines that are no longer needed',
  });
}

/** Whether somebody, a running VM for one, listens on the machine's SSH port. */
export async function isSshPortOpen({ host, data }: VirtualBoxMachine): Promise<boolean> {
  const port = data().SSHPort;
  return port !== 0 && !(await host.network.isPortFree(address, port));
}

/**
 * Makes sure that the started VM has its SSH port. VirtualBox reports success although it could not listen there, and
 * says so in the VM's log alone. Then the running VM gets another port.
 */
export async function mendSshPort(machine: VirtualBoxMachine, logFolder: string): Promise<void> {
  const { host, limits } = machine;
  const { SSHPort: port } = machine.data();
  const verdict = await host
    .waitUntil(`VirtualBox to forward port ${port}`, limits.portMs, async () => {
      const log = await host.files.readTail(join(logFolder, 'VBox.log'), logBytes);
      if (parseDeadPorts(log).includes(port)) return 'dead';
      // Trying to listen would take the port away from VirtualBox in the very moment it wants it.
      return (await host.network.accepts(address, port, limits.connectMs)) && 'open';
    })
    .catch((error: unknown) => {
      if (error instanceof TmachineError && error.code === 'TIMED_OUT') return 'dead' as const;
      throw error;
    });
  if (verdict === 'open') return;
  const other = await findSshPort(machine);
  host.emit({
    type: 'notice',
    level: 'warning',
    text: `Port ${port} of ${address} was taken while the machine started: SSH goes through port ${other} from now on`,
  });
  const vboxManage = await machine.vboxManage();
  const remove = { args: ['controlvm', machine.vm(), 'natpf1', 'delete', ruleName] };
  await attempt(machine, remove, ['VBOX_NAT_RULE_GONE']);
  await vboxManage.run({ args: ['controlvm', machine.vm(), 'natpf1', formatSshRule(other)] });
  await machine.update({ SSHPort: other });
}

/** The network card is set up at the start; a log of 1 MiB is a VM that has run for days. */
const logBytes = 1024 * 1024;

/** Host ports that VirtualBox could not listen on, from a VM's log: `NAT#0: failed to set up redirection of 22041 to 22`. */
export function parseDeadPorts(log: string): readonly number[] {
  return [...log.matchAll(/failed to set up redirection of (\d+)/g)].map(([, port]) => Number(port));
}
