// Runs every test. Installs what they call where that is possible, and ends with one line that counts them.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { testPackages } from './test-packages.js';

const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
const isInstalled = (program) =>
  folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

function installMissing() {
  const missing = Object.entries(testPackages).filter(([program]) => !isInstalled(program));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(([, name]) => name))];
  if (!isInstalled('apt-get')) {
    console.log(`Not installed, so their tests are skipped: ${missing.map(([program]) => program).join(', ')}`);
    return;
  }
  const root = process.getuid?.() === 0;
  const install = (args) => {
    const command = root ? ['apt-get', ...args] : ['sudo', '-n', 'apt-get', ...args];
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    return spawnSync(command[0], command.slice(1), { stdio: ['ignore', 'ignore', 'inherit'], env }).status === 0;
  };
  console.log(`Installing what the tests call${root ? '' : ' (with sudo)'}: ${packages.join(' ')}`);
  const arguments_ = ['install', '-y', '--no-install-recommends', ...packages];
  if (!install(arguments_) && !(install(['update']) && install(arguments_)))
    console.log('That did not work; the tests that need them are skipped.');
}

function run(program, args) {
  return spawnSync(program, args, { stdio: 'inherit' }).status === 0;
}

installMissing();
const folder = mkdtempSync(join(tmpdir(), 'tmachine-test-'));
const report = join(folder, 'report.json');
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
const finished = run(process.execPath, [
  'node_modules/vitest/vitest.mjs',
  'run',
  ...reporters,
  ...process.argv.slice(2),
]);
let counts = { passed: 0, failed: 0, skipped: 0 };
try {
  const result = JSON.parse(readFileSync(report, 'utf8'));
  counts = { passed: result.numPassedTests, failed: result.numFailedTests, skipped: result.numPendingTests };
} catch {
  counts.failed = 1;
}
if (!finished && counts.failed === 0) counts.failed = 1;
rmSync(folder, { recursive: true, force: true });
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
