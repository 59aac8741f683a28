// `create` beside its floor: the same image and the same seeded disk, started by QEMU alone with the same arguments.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { awaitAnswer } from './await-answer.js';
import { atMost } from './table.js';
import { median, runProgram } from './tmachine.js';

const size = ['--driver', 'qemu', '--qemu-memory', '1024', '--qemu-cpu-count', '2'];

/** Leaves one machine running; with no runs nothing is measured. */
export async function measureCreate(bench, runs) {
  if (runs === 0) return { rows: [], machine: (await createMachine(bench, 'bench')).name };
  const floor = await prepareFloor(bench);
  const floors = [];
  const creates = [];
  for (let run = 1; run <= runs; run += 1) {
    bench.say(`Run ${run} of ${runs}: QEMU by hand`);
    floors.push(await bootByHand(bench, floor));
    bench.say(`Run ${run} of ${runs}: create`);
    creates.push((await createMachine(bench, 'bench')).tookMs);
    if (run < runs) await bench.undo.pop()();
  }
  const [floorMs, createMs] = [median(floors), median(creates)];
  const seconds = (all) => all.map((each) => (each / 1000).toFixed(1)).join(', ');
  const note = `medians ${(createMs / 1000).toFixed(1)} s of ${seconds(creates)} and ${(floorMs / 1000).toFixed(1)} s of ${seconds(floors)}`;
  const rows = [
    atMost('create, to its floor', { target: 1.15, measured: createMs / floorMs, unit: 'x', note }),
    atMost('guest boot to a TLS answer, 2 CPUs, 1 GiB', {
      ...{ target: 12, measured: floorMs / 1000, unit: 's' },
      note: `QEMU by hand (${floor.accelerator}); the target is for TCG on a computer that does nothing else`,
    }),
  ];
  return { rows, machine: 'bench' };
}

async function createMachine(bench, name, more = []) {
  bench.undo.push(async () => void (await runProgram(bench, ['rm', '-f', '-y', name], { allowFailure: true })));
  const { tookMs } = await runProgram(bench, ['create', ...size, ...more, name]);
  return { name, tookMs };
}

/** Makes a machine through a program that keeps QEMU's arguments and the disk as they are before the first start. */
async function prepareFloor(bench) {
  bench.say('Making a machine to copy the seeded disk of');
  const folder = join(bench.folder, 'floor');
  mkdirSync(folder);
  const qemu = execFileSync('sh', ['-c', 'command -v qemu-system-x86_64'], { encoding: 'utf8' }).trim();
  const keeper = join(folder, 'qemu-system-x86_64');
  const keep = `cp --sparse=always disk.img '${folder}/seeded.img'; printf '%s\\0' "$@" >'${folder}/arguments'`;
  const script = `#!/bin/sh\ncase "$*" in *-pidfile*) ${keep};; esac\nexec '${qemu}' "$@"\n`;
  writeFileSync(keeper, script);
  chmodSync(keeper, 0o755);
  await createMachine(bench, 'floor', ['--qemu-program', keeper]);
  await runProgram(bench, ['kill', 'floor']);
  const machine = join(bench.store, 'machines', 'floor');
  for (const name of ['ca.pem', 'cert.pem', 'key.pem']) copyFileSync(join(machine, name), join(folder, name));
  linkSync(join(machine, 'boot2docker.iso'), join(folder, 'boot2docker.iso'));
  const args = readFileSync(join(folder, 'arguments'), 'utf8').split('\0').slice(0, -1);
  const [, host, port] = /hostfwd=tcp:([\d.]+):(\d+)-:2376/.exec(args.join(' ')) ?? [];
  const accelerator = args[args.indexOf('-accel') + 1];
  return { folder, qemu, args, accelerator, host, port: Number(port) };
}

/** The time in ms from the start of QEMU until the engine answers GET /version. */
async function bootByHand(bench, { folder, qemu, args, host, port }) {
  const place = join(folder, 'run');
  mkdirSync(place);
  cpSync(join(folder, 'boot2docker.iso'), join(place, 'boot2docker.iso'));
  execFileSync('cp', ['--sparse=always', join(folder, 'seeded.img'), join(place, 'disk.img')]);
  const [ca, cert, key] = ['ca.pem', 'cert.pem', 'key.pem'].map((name) => readFileSync(join(folder, name)));
  const startedAt = performance.now();
  const child = spawn(qemu, args, { cwd: place, stdio: 'ignore' });
  const gone = new Promise((done) => child.once('close', done));
  const stop = async () => {
    child.kill('SIGKILL');
    await gone;
    rmSync(place, { recursive: true, force: true });
  };
  bench.undo.push(stop);
  const isOver = () => (child.exitCode === null ? undefined : `QEMU by hand ended with ${child.exitCode}`);
  await awaitAnswer({ host, port, ca, cert, key }, isOver);
  const tookMs = performance.now() - startedAt;
  await bench.undo.pop()();
  return tookMs;
}
