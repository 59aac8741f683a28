// VirtualBox machines: how long commands take beside what VirtualBox and the guest need on their own, and how often
// VBoxManage is called. Settings, machines and the log of calls are in a folder of the bench.
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { acceptsWithin, awaitAnswer } from './await-answer.js';
import { atMost } from './table.js';
import { median, pairEachWithNode, pairWithNode, runProgram } from './tmachine.js';

const execute = promisify(execFile);
const create = ['create', '--driver', 'virtualbox', '--virtualbox-memory', '1024', '--virtualbox-no-vtx-check'];
const restMs = 10_000;
const limitMs = 60_000;
const crowd = Array.from({ length: 20 }, (_, index) => `crowd${index + 1}`);

/** All that is promised about VirtualBox machines. */
export async function measureVirtualBox(bench) {
  const place = openPlace(bench);
  const rows = await measureCreation(place);
  rows.push(...(await measureQuestions(place)));
  rows.push(...(await measurePower(place)));
  rows.push(...(await measureCertificates(place)));
  await runProgram(place.bench, ['rm', '-f', '-y', 'vbench']);
  rows.push(...(await measureCrowd(place)));
  return rows;
}

function openPlace(bench) {
  const folder = join(bench.folder, 'virtualbox');
  const program = execFileSync('sh', ['-c', 'command -v VBoxManage'], { encoding: 'utf8' }).trim();
  const log = join(folder, 'calls');
  for (const name of ['settings', 'logging', 'failing', 'store']) mkdirSync(join(folder, name), { recursive: true });
  script(join(folder, 'logging'), `echo "$*" >>'${log}'\nexec '${program}' "$@"`);
  script(join(folder, 'failing'), `[ "$1" != startvm ] || exit 1\nexec '${program}' "$@"`);
  const settings = { VBOX_USER_HOME: join(folder, 'settings'), VBOX_IPC_SOCKETID: `bench${process.pid}` };
  const path = (name) => ({ ...settings, PATH: `${join(folder, name)}:${process.env.PATH}` });
  const store = join(folder, 'store');
  symlinkSync(join(bench.store, 'cache'), join(store, 'cache'), 'junction');
  const vbox = async (...words) =>
    (await execute(program, words, { env: { ...process.env, ...settings } })).stdout.trim();
  bench.undo.push(async () => await removeMachines(vbox));
  return { bench: { ...bench, store, env: path('logging') }, failing: path('failing'), folder, log, vbox };
}

function script(folder, text) {
  writeFileSync(join(folder, 'VBoxManage'), `#!/bin/sh\n${text}\n`);
  chmodSync(join(folder, 'VBoxManage'), 0o755);
}

async function removeMachines(vbox) {
  for (const [, id] of (await vbox('list', 'vms')).matchAll(/\{([\da-f-]+)\}$/gm)) {
    await vbox('controlvm', id, 'poweroff').catch(() => undefined);
    await vbox('unregistervm', id, '--delete').catch(() => undefined);
  }
}

/** Time in s and calls of VBoxManage of one command. */
async function counted(place, words) {
  rmSync(place.log, { force: true });
  const { tookMs } = await runProgram(place.bench, words);
  const calls = existsSync(place.log) ? readFileSync(place.log, 'utf8').trimEnd().split('\n').length : 0;
  return { seconds: tookMs / 1000, calls };
}

function callRow(command, target, measured) {
  return atMost(`VirtualBox: ${command}, calls of VBoxManage`, { target, measured, unit: 'calls' });
}

function each(all) {
  return all.map((seconds) => seconds.toFixed(1)).join(', ');
}

/** A command beside what happens without it. Two decimals of a second are more than a guest's start repeats. */
function beyond(what, target, { own, bare }) {
  const note = `medians of ${each(own)} s and, by VBoxManage alone, ${each(bare)} s`;
  return atMost(`VirtualBox: ${what}`, { target, measured: median(own) - median(bare), unit: 's', note });
}

/** The bare boot is that of a machine whose first start was made to fail. */
async function measureCreation(place) {
  const [own, bare, calls] = [[], [], []];
  for (let run = 1; run <= place.bench.runs; run += 1) {
    place.bench.say(`Run ${run} of ${place.bench.runs}: VirtualBox by hand, and create`);
    const words = [...create, '--keep-on-failure', 'vbare'];
    await runProgram({ ...place.bench, env: place.failing }, words, { allowFailure: true });
    bare.push(await bootByHand(place, 'vbare'));
    await runProgram(place.bench, ['rm', '-f', '-y', 'vbare']);
    const created = await counted(place, [...create, 'vbench']);
    own.push(created.seconds);
    calls.push(created.calls);
    if (run < place.bench.runs) await runProgram(place.bench, ['rm', '-f', '-y', 'vbench']);
  }
  return [beyond('create, beyond the bare boot', 3, { own, bare }), callRow('create', 16, Math.max(...calls))];
}

function readDriver(place, name) {
  return JSON.parse(readFileSync(join(place.bench.store, 'machines', name, 'config.json'), 'utf8')).Driver;
}

async function bootByHand(place, name) {
  const { VMID, IPAddress } = readDriver(place, name);
  const [ca, cert, key] = ['ca.pem', 'cert.pem', 'key.pem'].map((file) =>
    readFileSync(join(place.bench.store, 'certs', file)),
  );
  const startedAt = performance.now();
  await place.vbox('startvm', VMID, '--type', 'headless');
  await awaitAnswer({ host: IPAddress, port: 2376, ca, cert, key });
  return (performance.now() - startedAt) / 1000;
}

/** Of a guest that is done with its start. */
async function measureQuestions(place) {
  const rows = [];
  await sleep(restMs);
  const commands = ['env', 'config', 'ip', 'url'];
  place.bench.say(`Timing ${commands.join(', ')} on VirtualBox`);
  const timed = await pairEachWithNode(
    place.bench,
    commands.map((command) => [command, 'vbench']),
  );
  for (const [index, command] of commands.entries()) {
    const { calls } = await counted(place, [command, 'vbench']);
    const { differenceMs, nodeMs, ownMs } = timed[index];
    const note = `median of ${place.bench.pairs} pairs; ${ownMs.toFixed(0)} ms beside ${nodeMs.toFixed(0)} ms`;
    const what = `VirtualBox: ${command}, beyond node -e 0`;
    rows.push(atMost(what, { target: 60, measured: differenceMs, unit: 'ms', note }), callRow(command, 0, calls));
  }
  rows.push(callRow('status', 1, (await counted(place, ['status', 'vbench'])).calls));
  return rows;
}

/** In turn by the command and by VBoxManage alone. */
async function measurePower(place) {
  const stop = { own: [], bare: [], calls: [] };
  const start = { own: [], bare: [], calls: [] };
  const note = (list, { seconds, calls }) => {
    list.own.push(seconds);
    list.calls.push(calls);
  };
  for (let run = 1; run <= place.bench.runs; run += 1) {
    place.bench.say(`Run ${run} of ${place.bench.runs}: stop and start on VirtualBox`);
    note(stop, await counted(place, ['stop', 'vbench']));
    start.bare.push(await bootByHand(place, 'vbench'));
    stop.bare.push(await powerOffByHand(place, 'vbench'));
    note(start, await counted(place, ['start', 'vbench']));
  }
  return [
    beyond('start, beyond the bare boot', 1.5, start),
    callRow('start', 8, Math.max(...start.calls)),
    beyond("stop, beyond the guest's own shutdown", 0.5, stop),
    callRow('stop', 4, Math.max(...stop.calls)),
  ];
}

/** Until VirtualBox closes the port that leads to the guest, which must be up: it listens to its button last. */
async function powerOffByHand(place, name) {
  const { VMID, SSHPort } = readDriver(place, name);
  await runProgram(place.bench, ['ssh', name, 'true']);
  await sleep(restMs);
  const startedAt = performance.now();
  await place.vbox('controlvm', VMID, 'acpipowerbutton');
  // Not too often: the guest starts an SSH server's process for each connection.
  while (await acceptsWithin(1000, { host: '127.0.0.1', port: SSHPort })) {
    if (performance.now() - startedAt > limitMs) throw new Error('The guest did not obey its power button');
    await sleep(200);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  while ((await place.vbox('list', 'runningvms')).includes(VMID)) await sleep(100);
  return seconds;
}

/** Of a guest that is done with its start. */
async function measureCertificates(place) {
  await sleep(restMs);
  const [all, calls] = [[], []];
  for (let run = 1; run <= place.bench.runs; run += 1) {
    place.bench.say(`Run ${run} of ${place.bench.runs}: regenerate-certs on VirtualBox`);
    const counts = await counted(place, ['regenerate-certs', '-f', 'vbench']);
    all.push(counts.seconds);
    calls.push(counts.calls);
  }
  const note = `median of ${each(all)} s`;
  return [
    atMost('VirtualBox: regenerate-certs -f', { target: 4, measured: median(all), unit: 's', note }),
    callRow('regenerate-certs -f', 2, Math.max(...calls)),
  ];
}

/** `ls` of machines that are off: nothing but VirtualBox is measured. */
async function measureCrowd(place) {
  place.bench.say('Making 20 VirtualBox machines to list');
  for (const name of crowd) {
    const directory = join(place.bench.store, 'machines', name);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const made = await place.vbox('createvm', '--basefolder', directory, '--name', name, '--register');
    const [, VMID] = /^UUID: (\S+)$/m.exec(made) ?? [];
    const Driver = { MachineName: name, IPAddress: '192.168.56.7', SSHUser: 'docker', SSHPort: 22022, VMID };
    const record = { ConfigVersion: 3, Driver, DriverName: 'virtualbox', HostOptions: {}, Name: name };
    writeFileSync(join(directory, 'config.json'), JSON.stringify(record), { mode: 0o600 });
  }
  const { calls } = await counted(place, ['ls']);
  const { ownMs } = await pairWithNode(place.bench, ['ls']);
  const note = `median of ${place.bench.pairs}; all of them off`;
  return [
    atMost('VirtualBox: ls of 20 machines', { target: 0.5, measured: ownMs / 1000, unit: 's', note }),
    callRow('ls of 20 machines', 2, calls),
  ];
}
