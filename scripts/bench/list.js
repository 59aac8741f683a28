// `ls` of 20 machines. Ten full guests would measure the computer instead, so the running half is ten QEMU processes
// that have nothing to boot, and their engine is a TLS server in here with the certificates of a real machine.
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { atMost } from './table.js';
import { measurePeak, pairWithNode, runProgram } from './tmachine.js';

const half = 10;
const certificates = ['ca.pem', 'cert.pem', 'key.pem'];

export async function measureList(bench, machine) {
  bench.say('Making 20 machines to list');
  const crowd = { ...bench, store: join(bench.folder, 'crowd') };
  const source = join(bench.store, 'machines', machine);
  for (let number = 1; number <= half; number += 1) {
    addMachine(crowd, source, { name: `stopped${number}`, port: 2376 });
    const engine = await startEngine(bench, source);
    const folder = addMachine(crowd, source, { name: `running${number}`, port: engine.address().port });
    startHypervisor(bench, folder);
  }
  await waitUntilRunning(crowd);
  const { differenceMs, nodeMs, ownMs } = await pairWithNode(crowd, ['ls']);
  const { peakMiB } = await measurePeak(crowd, ['ls']);
  const note =
    `median of ${bench.pairs} pairs; ${ownMs.toFixed(0)} ms beside ${nodeMs.toFixed(0)} ms; the running half is ${half} QEMU ` +
    'processes without a guest, whose engines are servers of this bench';
  return [
    atMost('ls of 20 machines, beyond node -e 0', { target: 200, measured: differenceMs, unit: 'ms', note }),
    atMost('its peak memory', { target: 80, measured: peakMiB, unit: 'MiB' }),
  ];
}

function addMachine(crowd, source, { name, port }) {
  const folder = join(crowd.store, 'machines', name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const file of [...certificates, 'server.pem']) cpSync(join(source, file), join(folder, file));
  const record = JSON.parse(readFileSync(join(source, 'config.json'), 'utf8'));
  Object.assign(record.Driver, { MachineName: name, IPAddress: '127.0.0.1', EnginePort: port });
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...record, Name: name }, null, 4), { mode: 0o600 });
  writeFileSync(join(folder, 'disk.img'), '');
  return folder;
}

async function startEngine(bench, source) {
  const read = (name) => readFileSync(join(source, name));
  const settings = { ca: read('ca.pem'), cert: read('server.pem'), key: read('server-key.pem'), requestCert: true };
  const server = createServer(settings, (_, response) => {
    response.setHeader('Server', 'Docker/26.1.5 (linux)');
    response.end('OK');
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  bench.undo.push(async () => void server.close());
  return server;
}

/** QEMU with nothing to boot, in the folder of a machine: enough for the machine to run. */
export function startHypervisor(bench, folder) {
  const size = ['-machine', 'q35,hpet=off', '-accel', 'tcg', '-m', '16', '-display', 'none', '-vga', 'none'];
  const monitor = ['-qmp', 'unix:qmp.sock,server=on,wait=off', '-pidfile', 'qemu.pid'];
  const child = spawn('qemu-system-x86_64', ['-nodefaults', ...size, ...monitor], { cwd: folder, stdio: 'ignore' });
  const gone = new Promise((done) => child.once('close', done));
  bench.undo.push(async () => {
    child.kill('SIGKILL');
    await gone;
    rmSync(folder, { recursive: true, force: true });
  });
}

async function waitUntilRunning(crowd) {
  for (let attempt = 0; attempt < 60; attempt += 1) {
    const { stdout } = await runProgram(crowd, ['ls']);
    const running = stdout.split('\n').filter((line) => line.includes(' Running ') && line.includes('v26.1.5'));
    if (running.length === half && stdout.split(' Stopped ').length === half + 1) return;
    await sleep(500);
  }
  throw new Error('The machines to list did not come up');
}
