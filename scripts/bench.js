// Measures what the program promises: `npm run bench -- [--runs N] [--pairs N] [--size MIB] [--only PART,…] [--json FILE]`. Makes real machines, so
// it takes minutes and wants a computer that does nothing else. Everything it makes is in a temporary folder.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, homedir, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { measureCommands, measureStartup } from './bench/commands.js';
import { measureCompletion } from './bench/completion.js';
import { measureCreate } from './bench/create.js';
import { measureIdleGuest } from './bench/guest.js';
import { measureImageBuild } from './bench/image.js';
import { measureList } from './bench/list.js';
import { measureScp } from './bench/scp.js';
import { formatTable } from './bench/table.js';
import { endChildren, runProgram } from './bench/tmachine.js';
import { measureUnreachable } from './bench/unreachable.js';
import { measureVirtualBox } from './bench/virtualbox.js';
import { isThere } from './install-test-packages.js';

const allParts = [
  'startup',
  'completion',
  'unreachable',
  'create',
  'commands',
  'list',
  'guest',
  'image',
  'scp',
  'virtualbox',
];
// VirtualBox is measured where it is; `--only virtualbox` demands it.
const usualParts = isThere('VBoxManage') ? allParts : allParts.filter((part) => part !== 'virtualbox');
const { values: given } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    pairs: { type: 'string', default: '15' },
    size: { type: 'string', default: '1024' },
    only: { type: 'string', default: usualParts.join(',') },
    json: { type: 'string' },
  },
});
const parts = given.only.split(',');
const unknown = parts.find((part) => !allParts.includes(part));
if (unknown !== undefined) {
  console.error(`No part is called "${unknown}": say some of ${allParts.join(',')}`);
  process.exit(2);
}
const needsMachine = ['create', 'commands', 'list', 'guest'].some((part) => parts.includes(part));

const folder = mkdtempSync(join(tmpdir(), 'tmachine-bench-'));
const bench = {
  folder,
  store: join(folder, 'store'),
  runs: Math.max(1, Number.parseInt(given.runs, 10) || 3),
  pairs: Math.max(1, Number.parseInt(given.pairs, 10) || 15),
  /** MiB that `scp` copies. */
  sizeMiB: Math.max(1, Number.parseInt(given.size, 10) || 1024),
  say: (text) => console.error(text),
  /** What undoes the rest, last first. */
  undo: [],
};
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void end(130));

const loadBefore = loadavg()[0];
const rows = [];
try {
  shareCache();
  if (parts.includes('startup')) rows.push(...(await measureStartup(bench)));
  if (parts.includes('completion')) rows.push(...(await measureCompletion(bench)));
  if (parts.includes('unreachable')) {
    rows.push(...(await measureUnreachable(bench)));
    await removeMachines();
  }
  if (needsMachine) {
    await requireImage();
    const created = await measureCreate(bench, parts.includes('create') ? bench.runs : 0);
    rows.push(...created.rows);
    if (parts.includes('commands')) rows.push(...(await measureCommands(bench, created.machine)));
    if (parts.includes('list')) rows.push(...(await measureList(bench, created.machine)));
    if (parts.includes('guest')) rows.push(...(await measureIdleGuest(bench, created.machine)));
    await removeMachines();
  }
  if (parts.includes('virtualbox')) {
    await requireImage();
    rows.push(...(await measureVirtualBox(bench)));
    await removeMachines();
  }
  if (parts.includes('scp')) {
    rows.push(...(await measureScp(bench)));
    await removeMachines();
  }
  if (parts.includes('image')) rows.push(...(await measureImageBuild(bench)));
  report();
  await end(0);
} catch (error) {
  console.error(error);
  if (rows.length > 0) report();
  await end(1);
}

/** Images and packages are those of the user's own store, so that nothing is fetched twice. */
function shareCache() {
  const own = process.env.MACHINE_STORAGE_PATH || join(homedir(), '.docker', 'machine');
  const cache = resolve(own, 'cache');
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  mkdirSync(bench.store, { mode: 0o700 });
  symlinkSync(cache, join(bench.store, 'cache'), 'junction');
}

async function requireImage() {
  if (readdirSync(join(bench.store, 'cache')).some((name) => name.endsWith('.iso'))) return;
  bench.say('No image in the cache: building one');
  await runProgram(bench, ['image', 'build']);
}

async function removeMachines() {
  while (bench.undo.length > 0) await bench.undo.pop()();
}

function report() {
  const computer = {
    date: new Date().toISOString(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model ?? 'unknown',
    processors: availableParallelism(),
    loadBefore,
    loadAfter: loadavg()[0],
  };
  console.log(formatTable(computer, rows));
  if (given.json !== undefined) writeFileSync(given.json, `${JSON.stringify({ computer, rows }, null, 2)}\n`);
}

async function end(status) {
  endChildren();
  await removeMachines().catch((error) => console.error(error));
  // What has just been ended may still write its last words.
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  process.exit(status);
}
