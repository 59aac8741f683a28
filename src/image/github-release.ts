import { TmachineError } from '../errors/tmachine-error.ts';
import { type DownloadContext, fetchBytes } from '../host/download.ts';

/** A repository whose releases carry boot images. */
export interface ReleaseSource {
  /** GitHub's list of releases, newest first. */
  readonly listUrl: string;
  /** What the address of a release's files begins with. */
  readonly filesUrl: string;
}

/**
 * Reads the ways in which a repository of GitHub, or of a GitHub Enterprise server, is named: by its page, or by the
 * address of its releases in the REST API, as docker-machine wants it. Nothing for any other address.
 */
export function parseReleaseSource(source: string): ReleaseSource | undefined {
  const page = /^(https?):\/\/(?:www\.)?github\.com\/([^/]+)\/([^/]+?)(?:\.git)?(?:\/releases(?:\/latest)?)?\/?$/i.exec(
    source,
  );
  if (page !== null) return ofGithub(`${page[2]}/${page[3]}`);
  const api = /^(https?:\/\/[^/]+?)(\/api\/v3)?\/repos\/([^/]+\/[^/]+)\/releases(?:\/latest)?\/?$/i.exec(source);
  if (api === null) return undefined;
  const [, server = '', isEnterprise, repository = ''] = api;
  if (/^https:\/\/api\.github\.com$/i.test(server)) return ofGithub(repository);
  const listUrl = `${server}${isEnterprise ?? ''}/repos/${repository}/releases`;
  return { listUrl, filesUrl: `${server}/${repository}/releases/download` };
}

function ofGithub(repository: string): ReleaseSource {
  return {
    listUrl: `https://api.github.com/repos/${repository}/releases`,
    filesUrl: `https://github.com/${repository}/releases/download`,
  };
}

/**
 * The address of the boot image in the newest release that is no preview: its only ISO, or the one with docker-machine's
 * name. A token in `MACHINE_GITHUB_API_TOKEN` lifts GitHub's limit on questions.
 *
 * @throws TmachineError `RELEASE_NOT_FOUND`; what `fetchBytes` throws.
 */
export async function findReleaseImage(source: ReleaseSource, context: DownloadContext): Promise<string> {
  const token = context.env['MACHINE_GITHUB_API_TOKEN'] ?? '';
  const headers = {
    accept: 'application/vnd.github+json',
    'user-agent': 'tmachine',
    ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
  };
  const bytes = await fetchBytes(source.listUrl, listLimit, { ...context, headers });
  const url = parseReleases(Buffer.from(bytes).toString('utf8'), source);
  if (url !== undefined) return url;
  throw new TmachineError(`Cannot find a boot image: ${source.listUrl} lists no release with one`, {
    code: 'RELEASE_NOT_FOUND',
    hint: 'name the image itself by its URL or as a file',
  });
}

const listLimit = 8 * 1024 * 1024;
const usualName = 'boot2docker.iso';

interface Release {
  readonly tag_name?: string;
  readonly prerelease?: boolean;
  readonly draft?: boolean;
  readonly assets?: readonly { readonly name?: string; readonly browser_download_url?: string }[];
}

/** Finds the image's address in GitHub's answer to a question for a repository's releases. */
export function parseReleases(text: string, { filesUrl }: Pick<ReleaseSource, 'filesUrl'>): string | undefined {
  const releases = parseList(text);
  const newest = releases.find(({ prerelease, draft, tag_name }) => !prerelease && !draft && tag_name !== undefined);
  if (newest === undefined) return undefined;
  const images = (newest.assets ?? []).filter(({ name }) => name?.toLowerCase().endsWith('.iso'));
  const image = images.find(({ name }) => name === usualName) ?? (images.length === 1 ? images[0] : undefined);
  if (newest.assets !== undefined && image === undefined) return undefined;
  return image?.browser_download_url ?? `${filesUrl}/${newest.tag_name}/${usualName}`;
}

function parseList(text: string): readonly Release[] {
  try {
    const answer: unknown = JSON.parse(text);
    return Array.isArray(answer) ? answer : [];
  } catch {
    return [];
  }
}
