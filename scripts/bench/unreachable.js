// `ls` of 200 stored machines of which none can be reached: their engines refuse at once, or take the connection and stay silent. Beside
// it `inspect -f`, which needs a stored machine and no more.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { atMost } from './table.js';
import { median, pairWithNode, runProgram } from './tmachine.js';

const count = 200;
const deadlineS = 10;
/** Nobody listens there. */
const refused = 'tcp://127.0.0.1:1';

export async function measureUnreachable(bench) {
  bench.say(`Making ${count} machines that cannot be reached`);
  const crowd = { ...bench, store: join(bench.folder, 'unreachable') };
  await runProgram(crowd, ['create', '--driver', 'none', '--url', refused, 'model']);
  makeCertificates(join(crowd.store, 'machines', 'model'));
  const server = await startSilentServer(bench);
  const rows = [];
  await measureTemplate(crowd, rows);
  fill(crowd, refused);
  const times = [];
  for (let run = 0; run <= Math.min(5, bench.pairs); run += 1) times.push(await timeList(crowd, 'Stopped'));
  const note = `median of ${times.length - 1} runs after one that is not counted`;
  const what = `ls of ${count} machines that refuse`;
  rows.push(atMost(what, { target: 1, measured: median(times.slice(1)) / 1000, unit: 's', note }));
  fill(crowd, `tcp://127.0.0.1:${server.address().port}`);
  bench.say(`Waiting ${deadlineS} s for machines that do not answer`);
  const tookMs = await timeList(crowd, 'Timeout');
  rows.push(
    atMost(`ls of ${count} machines that do not answer, deadline ${deadlineS} s`, {
      ...{ target: deadlineS, measured: tookMs / 1000, unit: 's' },
      note: 'one run, from the start of the process to its end',
    }),
  );
  return rows;
}

async function measureTemplate(crowd, rows) {
  crowd.say('Timing inspect -f');
  const { differenceMs, nodeMs, ownMs } = await pairWithNode(crowd, ['inspect', '-f', '{{.Driver.URL}}', 'model']);
  const note = `median of ${crowd.pairs} pairs; ${ownMs.toFixed(0)} ms beside ${nodeMs.toFixed(0)} ms`;
  rows.push(atMost('inspect -f, beyond node -e 0', { target: 40, measured: differenceMs, unit: 'ms', note }));
}

/** An authority and a client pair with RSA keys, as a store has them; nobody is ever shown them. */
function makeCertificates(folder) {
  const self = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2'];
  for (const [cert, key] of [
    ['ca.pem', 'ca-key.pem'],
    ['cert.pem', 'key.pem'],
  ])
    execFileSync('openssl', [...self, '-subj', '/O=bench', '-keyout', key, '-out', cert], {
      cwd: folder,
      stdio: 'pipe',
    });
}

/** All machines are the first one by other names. */
function fill(crowd, url) {
  const machines = join(crowd.store, 'machines');
  const record = JSON.parse(readFileSync(join(machines, 'model', 'config.json'), 'utf8'));
  for (let number = 1; number < count; number += 1) {
    const name = `machine${number}`;
    const folder = join(machines, name);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const file of ['ca.pem', 'cert.pem', 'key.pem']) cpSync(join(machines, 'model', file), join(folder, file));
    const Driver = { ...record.Driver, MachineName: name, URL: url, IPAddress: new URL(url).host };
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...record, Driver, Name: name }), { mode: 0o600 });
  }
}

/** How long one `ls` takes in ms, with all but the first machine in this state. */
async function timeList(crowd, state) {
  const { stdout, tookMs } = await runProgram(crowd, ['ls', '-t', String(deadlineS)]);
  const found = stdout.split(` ${state} `).length - 1;
  if (found < count - 1) throw new Error(`Only ${found} of ${count} machines are listed as ${state}`);
  return tookMs;
}

async function startSilentServer(bench) {
  const sockets = new Set();
  const server = createServer((socket) => sockets.add(socket.on('error', () => undefined)));
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  bench.undo.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return server;
}
