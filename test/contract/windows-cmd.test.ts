import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatAssignments } from '../../src/env/format.ts';
import { hostileValues } from '../support/hostile-values.ts';
import { describeWith } from '../support/requires.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { installWindows, runWindows, windowsNode, windowsPath, wine } from '../support/windows.ts';

/*
 * What Wine 8's cmd.exe does otherwise than Windows': a line that begins with a variable of FOR is taken for a program
 * (`DO @%i`), so the command is told apart here and its arguments are handed over; what a variable of FOR holds is searched
 * for such variables again, so they have other names here; and it has no code page 65001.
 */
const takeIn = (script: string): string =>
  ['SET', 'CALL']
    .map((word) => `@FOR /f "tokens=1*" %%y IN ('type ${script}') DO @IF "%%y"=="${word}" ${word} %%z\r\n`)
    .join('');

const isAscii = (value: string): boolean => /^[\x20-\x7e]*$/.test(value);
const values = [
  ...hostileValues.filter((value) => value !== '' && isAscii(value)),
  '"',
  '"quoted"',
  '" & "',
  '"a" & b',
  'a"b & c"',
  ') ( ))',
  'a ) b ( c',
  '%USERPROFILE%\\x',
  '^%PATH^%',
  'x'.repeat(8000),
];

describeWith([wine], 'the cmd.exe of Wine', () => {
  let folder: Awaited<ReturnType<typeof makeTempFolder>>;

  beforeAll(async () => {
    await installWindows();
    folder = await makeTempFolder();
    const dump = 'console.log(JSON.stringify(process.env))';
    await writeFile(join(folder.path, 'dump.js'), dump);
  }, 180_000);

  afterAll(async () => await folder[Symbol.asyncDispose]());

  const at = (name: string): string => windowsPath(join(folder.path, name));
  const dump = `@"${windowsNode}" "%FOLDER%\\dump.js"\r\n`;

  /** What a program sees that is started after cmd took in the text. */
  async function evaluate(text: string, before = ''): Promise<Record<string, string>> {
    await writeFile(join(folder.path, 'lines'), text);
    await writeFile(join(folder.path, 'script.cmd'), `${before}${takeIn('%FOLDER%\\lines')}${dump}`);
    return await readDump(['cmd', '/c', at('script.cmd')]);
  }

  async function readDump(words: readonly string[], input = ''): Promise<Record<string, string>> {
    const env = { FOLDER: windowsPath(folder.path), TARO: 'Z:\\Users\\太郎' };
    const { stdout, stderr } = await runWindows(words, { env, input });
    const answer = /\{".*\}/.exec(stdout);
    if (answer === null) throw new Error(`${stdout}\n${stderr}`);
    return JSON.parse(answer[0]);
  }

  test('ends up with exactly the values, whatever they hold', async () => {
    const seen = await evaluate(format(values));
    expect(values.map((_, index) => seen[`K${index}`])).toEqual(values);
  });

  test('unsets what was set, and knows no variable that is empty', async () => {
    const assignments = [
      { name: 'K1', value: undefined },
      { name: 'K2', value: 'new' },
      { name: 'K3', value: '' },
    ];
    const text = formatAssignments(assignments, { shell: 'cmd', commandLine: ['tmachine', 'env', '-u'] });
    const seen = await evaluate(text, '@SET K1=old\r\n@SET K2=old\r\n@SET K3=old\r\n');
    expect([seen['K1'], seen['K2'], seen['K3']]).toEqual([undefined, 'new', undefined]);
  });

  test('takes operators for text in lines that are typed', async () => {
    const typed = ['a & b', 'a | b > c < d', 'a ^ b', ' outer ', 'a && b || c'];
    const seen = await readDump(['cmd'], `${format(typed)}${dump}`.replaceAll(/\r?\n/g, '\r\n'));
    expect(typed.map((_, index) => seen[`K${index}`])).toEqual(typed);
  });

  test('finds a home whose name its code page lacks', async () => {
    const folderOfMachine = '\\.docker\\machine\\machines\\dev (2)';
    const text = formatAssignments([{ name: 'K0', value: `Z:\\Users\\太郎${folderOfMachine}` }], {
      shell: 'cmd',
      commandLine: ['tmachine', 'env', 'dev'],
      userProfile: 'Z:\\Users\\太郎',
    });
    const seen = await evaluate(text, '@SET USERPROFILE=%TARO%\r\n');
    expect(seen['K0']).toBe(`Z:\\Users\\太郎${folderOfMachine}`);
  });

  test.each([
    [['tmachine']],
    [['C:\\Users\\Taro\\tmachine.cmd']],
    [['C:\\Program Files\\tmachine.cmd']],
    [['C:\\Program Files (x86)\\tmachine.cmd']],
    [['C:\\this & that\\tmachine.cmd', '-s', 'C:\\a b']],
    [['tmachine', '-s', 'C:\\my machines (2)']],
  ])('runs the command of the hint: %j', async ([program = '', ...args]) => {
    // The program of this test stands in for the one that is named, in a folder of the same kind.
    const folderName = program.includes('\\') ? (program.split('\\')[1] ?? '') : '';
    const home = join(folder.path, folderName);
    await mkdir(home, { recursive: true });
    await writeFile(join(home, 'tmachine.cmd'), '@echo called %*\r\n');
    const called = folderName === '' ? program : windowsPath(join(home, 'tmachine.cmd'));
    const text = formatAssignments([], { shell: 'cmd', commandLine: [called, ...args, 'env', 'dev'] });
    const hint = text.split('\n')[1]?.replace(/^REM \t/, '') ?? '';
    await writeFile(
      join(folder.path, 'hint.cmd'),
      `${hint.replaceAll('%i', '%%y').replace('DO @%%y', 'DO @echo got %%y')}\r\n`,
    );
    const { stdout } = await runWindows(['cmd', '/c', at('hint.cmd')], { env: { WINEPATH: at('') } });
    expect(stdout).toBe(
      `got called ${args.map((arg) => (/[ \\]/.test(arg) ? `"${arg}"` : arg)).join(' ')}${args.length > 0 ? ' ' : ''}env dev\r\n`,
    );
  });
});

function format(values: readonly string[]): string {
  const assignments = values.map((value, index) => ({ name: `K${index}`, value }));
  return formatAssignments(assignments, { shell: 'cmd', commandLine: ['tmachine', 'env', 'dev'] });
}
