import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/requires.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { installWindows, runWindows, windowsNode, windowsPackage, windowsPath, wine } from '../support/windows.ts';

const root = resolve(import.meta.dirname, '..', '..');

/** What of the unit tests calls no program of Linux and needs no file modes. */
const pure = [
  'test/windows/',
  'test/unit/cli/',
  'test/unit/driver/',
  'test/unit/drivers/qemu',
  'test/unit/env/',
  'test/unit/events/',
  'test/unit/host/proxy',
  'test/unit/image/apt-sources',
  'test/unit/image/github-release',
  'test/unit/machine/filter',
  'test/unit/machine/outcomes',
  'test/unit/machine/texts',
  'test/unit/provision/os-release',
  'test/unit/report/',
  'test/unit/ssh/known-hosts',
  'test/unit/store/',
  'test/unit/drivers/virtualbox/cidr',
  'test/unit/drivers/virtualbox/data',
  'test/unit/drivers/virtualbox/explain-by-logs',
  'test/unit/drivers/virtualbox/failures',
  'test/unit/drivers/virtualbox/format-english',
  'test/unit/drivers/virtualbox/networks-conf',
  'test/unit/drivers/virtualbox/parse-',
  'test/unit/drivers/virtualbox/plan-call',
  'test/unit/drivers/virtualbox/plan-create',
  'test/unit/drivers/virtualbox/plan-network',
];

/** Asks bash for the right answers. */
const asksBash = 'test/unit/cli/completion/shell-line.test.ts';

describeWith([wine], 'under Windows’ own Node', () => {
  beforeAll(async () => await installWindows(), 180_000);

  test('Vitest passes the tests that are for Windows, and the pure ones', async () => {
    await using folder = await makeTempFolder();
    const report = join(folder.path, 'report.json');
    const vitest = windowsPath(join(root, 'node_modules', 'vitest', 'vitest.mjs'));
    const config = windowsPath(join(root, 'test', 'windows', 'vitest.config.mjs'));
    const options = ['--config', config, '--configLoader', 'native', '--reporter=json', '--exclude', asksBash];
    const { stderr } = await runWindows(
      [windowsNode, vitest, 'run', ...options, `--outputFile=${windowsPath(report)}`, ...pure],
      {
        cwd: folder.path,
        env: {
          // WebAssembly, because Wine 8 lacks a library that the bundler's own form for Windows asks for.
          NAPI_RS_NATIVE_LIBRARY_PATH: `${windowsPackage('@rolldown/binding-wasm32-wasi')}\\rolldown-binding.wasi.cjs`,
          NODE_NO_WARNINGS: '1',
          NODE_OPTIONS: '',
        },
      },
    );
    const text = await readFile(report, 'utf8').catch(() => {
      throw new Error(stderr);
    });
    const { numPassedTests, testResults } = JSON.parse(text) as Report;
    const failed = testResults.flatMap(({ name, message, assertionResults }) => [
      ...(message === '' ? [] : [`${name}: ${message}`]),
      ...assertionResults.flatMap(({ fullName, failureMessages }) =>
        failureMessages.map((why) => `${fullName}: ${why}`),
      ),
    ]);
    expect(failed).toEqual([]);
    expect(numPassedTests).toBeGreaterThan(1250);
  }, 300_000);
});

interface Report {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly failureMessages: readonly string[] }[];
  }[];
}
