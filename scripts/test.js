// Builds, checks and runs every test, and ends with one line that counts them. Words after it go to vitest: then only
// the tests they choose are run, without the checks. Those of the project `virtualbox` need VirtualBox, which is not ours
// to install: without it they are left out, unless they are chosen.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installTestPackages, isThere } from './install-test-packages.js';

const chosen = process.argv.slice(2);
const projects = chosen.length > 0 || isThere('VBoxManage') ? [] : ['--project=!virtualbox'];

function run(program, args) {
  return spawnSync(program, args, { stdio: 'inherit' }).status === 0;
}

/** Through npm itself where npm has called us, because Windows cannot start its script without a shell. */
function runScript(name) {
  const npm = process.env.npm_execpath;
  const words = ['run', '--silent', name];
  return npm === undefined ? run('npm', words) : run(process.execPath, [npm, ...words]);
}

/** A file that cannot even be loaded has no tests that could be counted as failed, so it counts itself. */
function countTests(report, finished) {
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'));
    const isLost = (file) =>
      file.status === 'failed' && file.assertionResults.every(({ status }) => status !== 'failed');
    const failed = result.numFailedTests + result.testResults.filter(isLost).length;
    return {
      passed: result.numPassedTests,
      failed: failed === 0 && !finished ? 1 : failed,
      skipped: result.numPendingTests + result.numTodoTests,
    };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

function runTests() {
  const folder = mkdtempSync(join(tmpdir(), 'tmachine-test-'));
  const report = join(folder, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    return countTests(
      report,
      run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...projects, ...chosen]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const missing = installTestPackages();
if (missing.length > 0)
  console.log(`Not here, so the tests that need it are skipped, or fail with CI=true: ${missing.join(', ')}`);
const before = chosen.length > 0 ? ['build'] : ['build', 'check'];
const broken = before.filter((name) => !runScript(name));
for (const name of broken) console.log(`"npm run ${name}" failed`);
const counts = runTests();
const failed = counts.failed + broken.length;
console.log(`${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped`);
process.exitCode = failed > 0 || counts.passed === 0 ? 1 : 0;
