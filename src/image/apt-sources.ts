import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../errors/tmachine-error.ts';
import { readTextIfExists } from '../host/files.ts';
import { type Paragraph, parseParagraphs } from './debian/control.ts';

/** A place apt takes packages from. */
export interface AptSource {
  readonly uri: string;
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** False where apt is told to accept an archive past its `Valid-Until`; nothing where it is not told. */
  readonly checkValidUntil: boolean | undefined;
}

/** A Debian mirror this machine's apt uses. */
export interface AptMirror {
  readonly uri: string;
  readonly checkValidUntil: boolean;
}

/** The Debian mirror of this machine's apt configuration, below `folder` (`/etc/apt`), or nothing when it has none. */
export async function readAptMirror(folder: string): Promise<AptMirror | undefined> {
  const lists = [join(folder, 'sources.list'), ...(await listFolder(join(folder, 'sources.list.d')))];
  const sources: AptSource[] = [];
  for (const path of lists) {
    const text = (await readTextIfExists(path)) ?? '';
    if (path.endsWith('.list')) sources.push(...parseSourcesList(text));
    else if (path.endsWith('.sources')) sources.push(...parseDeb822Sources(text));
  }
  const source = chooseDebianSource(sources);
  if (source === undefined) return undefined;
  const settings = [...(await listFolder(join(folder, 'apt.conf.d'))), join(folder, 'apt.conf')];
  const texts = await Promise.all(settings.map(async (path) => (await readTextIfExists(path)) ?? ''));
  return { uri: source.uri, checkValidUntil: source.checkValidUntil ?? parseCheckValidUntil(texts.join('\n')) };
}

/** Reads apt's one-line format (sources.list(5)). */
export function parseSourcesList(text: string): readonly AptSource[] {
  const form = /^deb\s+(?:\[(?<options>[^\]]*)\]\s+)?(?<uri>\S+)\s+(?<suite>\S+)(?:\s+(?<components>.*))?$/;
  return text.split('\n').flatMap((line) => {
    const groups = form.exec(line.replace(/#.*/, '').trim())?.groups;
    if (groups === undefined) return [];
    const { options = '', uri = '', suite = '', components = '' } = groups;
    const checked = /(?:^|\s)check-valid-until=(\S+)/i.exec(options)?.[1];
    return [{ uri, suites: [suite], components: words(components), checkValidUntil: readSwitch(checked) }];
  });
}

/** Reads apt's paragraph format (sources.list(5), "DEB822-STYLE FORMAT"). */
export function parseDeb822Sources(text: string): readonly AptSource[] {
  return parseParagraphs(text)
    .filter((paragraph) => readSwitch(paragraph.get('enabled')) !== false && list(paragraph, 'types').includes('deb'))
    .flatMap((paragraph) =>
      list(paragraph, 'uris').map((uri) => ({
        uri,
        suites: list(paragraph, 'suites'),
        components: list(paragraph, 'components'),
        checkValidUntil: readSwitch(paragraph.get('check-valid-until')),
      })),
    );
}

const debianSuite =
  /^(?:(?:old)*stable|testing|unstable|sid|experimental|buster|bullseye|bookworm|trixie|forky|duke)(?:-updates|-backports)?$/;

/** The source that looks most like Debian's main archive, and not like its security archive or a third party's. */
export function chooseDebianSource(sources: readonly AptSource[]): AptSource | undefined {
  const usable = sources.filter(
    ({ uri, suites, components }) =>
      /^https?:\/\//.test(uri) && components.includes('main') && suites.some((suite) => debianSuite.test(suite)),
  );
  return usable.find(({ uri }) => /\/debian\/?$/.test(uri)) ?? usable[0];
}

/** What the last of apt's settings says about `Acquire::Check-Valid-Until` (apt.conf(5)); apt checks by default. */
function parseCheckValidUntil(text: string): boolean {
  const values = [...text.matchAll(/^\s*Acquire::Check-Valid-Until\s+"?(\w+)"?\s*;/gim)];
  return readSwitch(values.at(-1)?.[1]) ?? true;
}

function readSwitch(value: string | undefined): boolean | undefined {
  if (value === undefined) return undefined;
  return !/^(?:no|false|off|without|disable|0)$/i.test(value);
}

function list(paragraph: Paragraph, field: string): readonly string[] {
  return words(paragraph.get(field) ?? '');
}

function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

async function listFolder(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort().map((name) => join(folder, name));
  } catch (error) {
    if (isSystemError(error, 'ENOENT') || isSystemError(error, 'ENOTDIR')) return [];
    throw error;
  }
}
