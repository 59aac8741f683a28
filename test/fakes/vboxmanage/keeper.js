import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { userHome, withHomeLock } from './home.js';
import { now, readMachine, writeMachine } from './machines.js';
import { monitor } from './qmp.js';

// Owns a machine's QEMU from start to end, as VirtualBox's process does: the machine runs while this process does.
for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM']) process.on(signal, () => {});
let isNoted = false;
// Whoever ends the machine writes that down, and waits for this process to end.
process.on('SIGUSR2', () => {
  isNoted = true;
});
process.once('message', (plan) => void keep(plan));

async function keep(plan) {
  process.chdir('/');
  rmSync(plan.monitor, { force: true });
  const log = openSync(plan.log, 'w');
  writeSync(log, `${plan.argv.join(' ')}\n`);
  // The kernel ends QEMU if this process is killed, so that no machine outlives it.
  const qemu = spawn('setpriv', ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...plan.argv], {
    stdio: ['ignore', 'pipe', log],
  });
  const end = new Promise((resolve) => qemu.once('close', (code) => resolve(code)));
  qemu.once('error', () => {});
  copyConsole(qemu.stdout, plan);
  const reason = await firstWord(plan, end);
  if (reason === undefined) report({ qemu: qemu.pid });
  else {
    qemu.kill('SIGKILL');
    report({ error: reason });
  }
  const code = await end;
  closeSync(log);
  rmSync(plan.monitor, { force: true });
  if (reason === undefined && !isNoted) await noteEnd(plan, code === 0 ? 'poweroff' : 'aborted');
  process.exit(0);
}

function report(message) {
  process.send?.(message);
}

/** Waits until QEMU's monitor answers; why it does not, or undefined. */
async function firstWord(plan, end) {
  let code;
  end.then((value) => {
    code = value;
  });
  while (!existsSync(plan.monitor)) {
    if (code !== undefined) return `QEMU ended with ${code}, see ${plan.log}`;
    await pause(5);
  }
  try {
    if (plan.incoming !== undefined) await goOn(plan.monitor);
    return undefined;
  } catch (error) {
    return error.message;
  }
}

/** A restored machine goes on once all of its state has been read. */
async function goOn(path) {
  const open = await monitor(path);
  while ((await open.execute('query-status')).status === 'inmigrate') await pause(20);
  await open.execute('cont');
  open.close();
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** The serial port's file; the address that only QEMU's network knows is told as the one it is reached at. */
function copyConsole(stream, { console: path, rewrite }) {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, 'w');
  const told = rewrite === undefined ? undefined : new RegExp(`\\b${rewrite.from.replaceAll('.', '\\.')}\\b`, 'g');
  const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
  lines.on('line', (line) => writeSync(file, `${told === undefined ? line : line.replace(told, rewrite.to)}\r\n`));
  lines.on('close', () => closeSync(file));
}

/** Writes down how the machine ended, unless who ended it has done so. */
async function noteEnd({ uuid, settingsFile }, name) {
  const home = userHome(process.env);
  if (!existsSync(home)) return;
  await withHomeLock(home, () => {
    const machine = readMachine(settingsFile);
    if (machine?.uuid !== uuid || machine.state.keeper !== process.pid) return;
    machine.state = { name, since: now() };
    writeMachine(settingsFile, machine);
  });
}
