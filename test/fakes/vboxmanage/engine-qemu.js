import { fork } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from './home.js';
import { leaseOf } from './leases.js';
import { machineFiles } from './machines.js';
import { forwardOf, qemuPlan } from './qemu-plan.js';
import { monitor } from './qmp.js';
import { comError, Refusal } from './refusal.js';

/** Executes machines with QEMU, each in the care of a process (keeper.js) that lives as long as the machine runs. */
export const qemuEngine = {
  start,
  powerOff: async (_call, { machine }) => {
    process.kill(machine.state.keeper, 'SIGUSR2');
    await command(machine, 'quit').catch(() => {});
    await ended(machine);
  },
  pressPower: async (_call, { machine }) => command(machine, 'system_powerdown'),
  pause: async (_call, { machine }) => command(machine, 'stop'),
  resume: async (_call, { machine }) => command(machine, 'cont'),
  reset: async (_call, { machine }) => command(machine, 'system_reset'),
  save,
  addRule: async (_call, { machine }, rule) => human(machine, `hostfwd_add net1 ${forwardOf(rule)}`),
  removeRule: async (_call, { machine }, rule) =>
    human(machine, `hostfwd_remove net1 ${forwardOf(rule).split('-')[0]}`),
};

/** Starts a machine; gives what its state remembers: the process ids and the monitor. */
async function start(call, { file, machine }, busy) {
  const { logs } = machineFiles(file);
  mkdirSync(logs, { recursive: true });
  const leases = machine.nics.map((_, slot) => leaseOf(call, machine, slot));
  const plan = await qemuPlan({ env: call.env, file, machine, leases, busy });
  const keeper = fork(join(import.meta.dirname, 'keeper.js'), {
    ...{ detached: true, stdio: ['ignore', 'ignore', 'ignore', 'ipc'], env: call.env },
  });
  const answer = await new Promise((resolve) => {
    keeper.once('message', resolve);
    keeper.once('exit', () => resolve({ error: 'the keeper ended' }));
    keeper.send({ ...plan, uuid: machine.uuid, settingsFile: file, log: join(logs, 'qemu.log') });
  });
  if (keeper.connected) keeper.disconnect();
  keeper.unref();
  if (answer.error !== undefined) {
    const text = `The virtual machine '${machine.name}' has terminated unexpectedly during startup with exit code 1 (0x1)`;
    throw comError(`${text}\n${answer.error}`, 'NS_ERROR_FAILURE', 'MachineWrap/IMachine!');
  }
  return { keeper: keeper.pid, qemu: answer.qemu, monitor: plan.monitor };
}

async function command(machine, name, options = {}) {
  const open = await monitor(machine.state.monitor);
  try {
    return await open.execute(name, options);
  } finally {
    open.close();
  }
}

function human(machine, line) {
  return command(machine, 'human-monitor-command', { 'command-line': line });
}

async function ended({ state }) {
  while (isAlive(state.qemu) || isAlive(state.keeper)) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function save(_call, { machine }, path) {
  const open = await monitor(machine.state.monitor);
  try {
    await open.execute('stop');
    await open.execute('migrate', { uri: `exec:cat >'${path.replaceAll("'", `'"'"'`)}'` });
    for (;;) {
      const { status, 'error-desc': reason } = await open.execute('query-migrate');
      if (status === 'completed') break;
      if (status === 'failed' || status === 'cancelled') throw new Refusal([`savestate: ${reason ?? status}`]);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    process.kill(machine.state.keeper, 'SIGUSR2');
    await open.execute('quit').catch(() => {});
  } catch (error) {
    await open.execute('cont').catch(() => {});
    throw error instanceof Refusal ? error : new Refusal([`savestate: ${error.message}`]);
  } finally {
    open.close();
  }
  await ended(machine);
}
