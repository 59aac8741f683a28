import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  chooseDebianSource,
  parseDeb822Sources,
  parseSourcesList,
  readAptMirror,
} from '../../../src/image/apt-sources.ts';
import { findMirror } from '../../../src/image/mirror.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';

const deb822 = `# a comment
Types: deb deb-src
URIs: http://mirror.test/debian/
Suites: trixie trixie-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.test/debian-security
Suites: trixie-security
Components: main
`;

async function write(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

describe('parseSourcesList()', () => {
  test('reads options, comments and components', () => {
    const text = [
      '# deb http://off.test/debian trixie main',
      'deb [arch=amd64 check-valid-until=no] http://a.test/debian trixie main contrib # the best',
      'deb-src http://a.test/debian trixie main',
      'deb cdrom:[Debian]/ trixie main',
      '',
    ].join('\n');
    expect(parseSourcesList(text)).toEqual([
      { uri: 'http://a.test/debian', suites: ['trixie'], components: ['main', 'contrib'], checkValidUntil: false },
      { uri: 'cdrom:[Debian]/', suites: ['trixie'], components: ['main'], checkValidUntil: undefined },
    ]);
  });
});

describe('parseDeb822Sources()', () => {
  test('reads all paragraphs but disabled ones and sources', () => {
    const more = 'Types: deb\nURIs: http://off.test/debian\nSuites: sid\nComponents: main\nEnabled: no\n';
    const uris = parseDeb822Sources(`${deb822}\n${more}\nTypes: deb-src\nURIs: http://src.test/\n`).map(
      ({ uri }) => uri,
    );
    expect(uris).toEqual(['http://mirror.test/debian/', 'http://mirror.test/debian-security']);
  });
});

describe('chooseDebianSource()', () => {
  const source = (uri: string, suite: string, component = 'main') => ({
    uri,
    suites: [suite],
    components: [component],
    checkValidUntil: undefined,
  });

  test.each([
    [
      'the archive before a third party',
      [source('https://x.test/apt', 'stable'), source('http://d.test/debian', 'sid')],
    ],
    [
      'no security archive',
      [source('http://d.test/debian-security', 'trixie-security'), source('http://d.test/debian', 'trixie')],
    ],
    ['only http and https', [source('file:/srv/debian', 'trixie'), source('http://d.test/debian', 'bookworm')]],
    [
      'only the main component',
      [source('https://x.test/linux/debian', 'trixie', 'stable'), source('http://d.test/debian', 'trixie')],
    ],
  ])('takes %s', (_, sources) => {
    expect(chooseDebianSource(sources)?.uri).toBe('http://d.test/debian');
  });

  test('takes nothing on another distribution', () => {
    expect(chooseDebianSource([source('http://u.test/ubuntu', 'noble')])).toBeUndefined();
  });
});

describe('readAptMirror()', () => {
  test('reads both forms, and nothing from files apt ignores', async () => {
    await using folder = await makeTempFolder();
    await write(folder.path, {
      'sources.list.d/a.list.save': 'deb http://saved.test/debian trixie main',
      'sources.list.d/debian.sources': deb822,
    });
    expect(await readAptMirror(folder.path)).toEqual({ uri: 'http://mirror.test/debian/', checkValidUntil: true });
    await write(folder.path, { 'sources.list': 'deb https://list.test/debian sid main' });
    expect(await readAptMirror(folder.path)).toEqual({ uri: 'https://list.test/debian', checkValidUntil: true });
  });

  test('knows when apt accepts an archive past its time', async () => {
    await using folder = await makeTempFolder();
    await write(folder.path, {
      'sources.list.d/debian.sources': deb822,
      'apt.conf.d/99snapshot': 'Acquire::Check-Valid-Until "false";\n',
    });
    expect((await readAptMirror(folder.path))?.checkValidUntil).toBe(false);
  });

  test('finds nothing where there is no apt', async () => {
    expect(await readAptMirror('/nonexistent')).toBeUndefined();
  });
});

describe('findMirror()', () => {
  test('prefers the option, then the environment, then tmachine.json, then apt', async () => {
    await using folder = await makeTempFolder();
    const settingsFile = join(folder.path, 'store', 'tmachine.json');
    const aptFolder = join(folder.path, 'apt');
    const find = async (option?: string, env = {}): Promise<string> =>
      (await findMirror({ option, env, settingsFile, aptFolder })).uri;
    await expect(find()).rejects.toMatchObject({ code: 'NO_MIRROR', hint: expect.stringContaining('--mirror') });
    await write(folder.path, { 'apt/sources.list.d/debian.sources': deb822 });
    expect(await find()).toBe('http://mirror.test/debian');
    await write(folder.path, { 'store/tmachine.json': '{"debianMirror": "http://store.test/debian/"}' });
    expect(await find()).toBe('http://store.test/debian');
    const env = { TMACHINE_DEBIAN_MIRROR: 'http://env.test/debian' };
    expect(await find(undefined, env)).toBe('http://env.test/debian');
    expect(await find('https://option.test/debian/', env)).toBe('https://option.test/debian');
    await expect(find('ftp://option.test')).rejects.toMatchObject({ code: 'BAD_MIRROR' });
    await write(folder.path, { 'store/tmachine.json': '{' });
    await expect(find()).rejects.toMatchObject({ code: 'BAD_CONFIGURATION' });
  });
});
