// `scp` beside OpenSSH's own, over the same link: an sshd on loopback that belongs to this bench. The machine is a QEMU process
// that has nothing to boot, because only its SSH server matters.
import { execFileSync, spawn } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startHypervisor } from './list.js';
import { atMost } from './table.js';
import { median, runProgram } from './tmachine.js';

const mebibyte = 2 ** 20;
/** At least 0.8 of the throughput is at most 1.25 of the time. */
const target = 1.25;

export async function measureScp(bench) {
  const folder = join(bench.folder, 'scp');
  mkdirSync(folder, { mode: 0o700 });
  const server = await startServer(bench, folder);
  const copier = { ...bench, store: join(folder, 'store') };
  addMachine(copier, server);
  bench.say(`Writing a file of ${bench.sizeMiB} MiB`);
  const paths = { source: join(folder, 'source'), copy: join(folder, 'copy') };
  fill(paths.source, bench.sizeMiB);
  await waitUntilRunning(copier);
  const [up, down] = [
    [paths.source, `bench:${paths.copy}`],
    [`bench:${paths.source}`, paths.copy],
  ];
  const rows = [await measureWay(copier, server, { name: 'to a machine', words: up, copy: paths.copy })];
  rows.push(await measureWay(copier, server, { name: 'from a machine', words: down, copy: paths.copy }));
  rmSync(folder, { recursive: true, force: true });
  return rows;
}

/** Both in turn, so that they see the same weather; one run of each is not counted. */
async function measureWay(bench, server, { name, words, copy }) {
  const times = { own: [], openssh: [] };
  for (let run = 0; run <= bench.runs; run += 1) {
    bench.say(run === 0 ? `Copying ${name}, not counted` : `Copying ${name}, run ${run} of ${bench.runs}`);
    const openssh = await timed(bench, copy, async () => await runScp(server, words));
    const own = await timed(bench, copy, async () => void (await runProgram(bench, ['scp', '-q', ...words])));
    if (run === 0) continue;
    times.openssh.push(openssh);
    times.own.push(own);
  }
  const [ownMs, opensshMs] = [median(times.own), median(times.openssh)];
  const rate = (ms) => `${((bench.sizeMiB * mebibyte) / ms / 1000).toFixed(0)} MB/s`;
  const seconds = (all) => all.map((each) => (each / 1000).toFixed(2)).join(', ');
  const note =
    `${bench.sizeMiB} MiB, medians ${rate(ownMs)} beside ${rate(opensshMs)}: ${(opensshMs / ownMs).toFixed(2)} of its throughput; ` +
    `${seconds(times.own)} s beside ${seconds(times.openssh)} s`;
  return atMost(`scp ${name}, to OpenSSH's`, { target, measured: ownMs / opensshMs, unit: 'x', note });
}

async function timed(bench, copy, work) {
  rmSync(copy, { force: true });
  const startedAt = performance.now();
  await work();
  const tookMs = performance.now() - startedAt;
  if (statSync(copy).size !== bench.sizeMiB * mebibyte) throw new Error('The copy has not the size of its source');
  return tookMs;
}

async function runScp({ port, identity, knownHosts }, words) {
  const options = [`UserKnownHostsFile=${knownHosts}`, 'StrictHostKeyChecking=accept-new', 'IdentitiesOnly=yes'];
  const args = ['-q', '-F', 'none', '-i', identity, '-P', String(port), ...options.flatMap((option) => ['-o', option])];
  const places = words.map((word) => word.replace(/^bench:/, `${userInfo().username}@127.0.0.1:`));
  const child = spawn('scp', [...args, ...places], { stdio: ['ignore', 'ignore', 'inherit'] });
  const status = await new Promise((done, failed) => child.once('error', failed).once('close', done));
  if (status !== 0) throw new Error(`scp ended with ${status}`);
}

async function startServer(bench, folder) {
  const port = await findFreePort();
  const [identity, hostKey] = ['id', 'host_key'].map((name) => join(folder, name));
  for (const file of [identity, hostKey]) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
  writeFileSync(join(folder, 'authorized_keys'), readFileSync(`${identity}.pub`), { mode: 0o600 });
  const settings = [
    ...[
      'ListenAddress 127.0.0.1',
      `Port ${port}`,
      `HostKey ${hostKey}`,
      `AuthorizedKeysFile ${folder}/authorized_keys`,
    ],
    ...['PidFile none', 'UsePAM no', 'StrictModes no', 'PermitRootLogin yes', 'PasswordAuthentication no'],
    'Subsystem sftp /usr/lib/openssh/sftp-server',
  ];
  writeFileSync(join(folder, 'sshd_config'), `${settings.join('\n')}\n`);
  // Needed where sshd runs as root; the service makes it at boot.
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true });
  const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'sshd_config')], { stdio: 'ignore' });
  const gone = new Promise((done) => child.once('close', done));
  bench.undo.push(async () => {
    child.kill('SIGTERM');
    await gone;
  });
  for (let attempt = 0; !(await accepts(port)); attempt += 1) {
    if (attempt > 100 || child.exitCode !== null) throw new Error('sshd did not start');
    await sleep(100);
  }
  return { port, identity, knownHosts: join(folder, 'known_hosts') };
}

function addMachine(bench, { port, identity }) {
  const directory = join(bench.store, 'machines', 'bench');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const ssh = { IPAddress: '127.0.0.1', SSHUser: userInfo().username, SSHPort: port, SSHKeyPath: identity };
  const sizes = { Memory: 256, CPU: 1, DiskSize: 2000, EnginePort: 2376, MonitorPort: 0 };
  const Driver = { MachineName: 'bench', ...ssh, ...sizes, Program: 'qemu-system-x86_64' };
  const record = { ConfigVersion: 3, Driver, DriverName: 'qemu', HostOptions: {}, Name: 'bench' };
  writeFileSync(join(directory, 'config.json'), JSON.stringify(record), { mode: 0o600 });
  writeFileSync(join(directory, 'disk.img'), '');
  startHypervisor(bench, directory);
}

async function waitUntilRunning(bench) {
  for (let attempt = 0; attempt < 60; attempt += 1) {
    if ((await runProgram(bench, ['status', 'bench'])).stdout === 'Running\n') return;
    await sleep(500);
  }
  throw new Error('The machine to copy to did not come up');
}

/** Random, so that nothing on the way can make it smaller. */
function fill(path, sizeMiB) {
  const file = openSync(path, 'w');
  const piece = Buffer.alloc(mebibyte);
  for (let done = 0; done < sizeMiB; done += 1) writeSync(file, randomFillSync(piece));
  closeSync(file);
}

async function findFreePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

async function accepts(port) {
  return await new Promise((done) => {
    const socket = connect({ host: '127.0.0.1', port });
    const end = (accepted) => () => {
      socket.destroy();
      done(accepted);
    };
    socket.once('connect', end(true)).once('error', end(false));
  });
}
