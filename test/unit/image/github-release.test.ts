import { describe, expect, test } from 'vitest';
import { findReleaseImage, parseReleaseSource, parseReleases } from '../../../src/image/github-release.ts';
import { startLoopbackServer } from '../../support/loopback-server.ts';

const github = {
  listUrl: 'https://api.github.com/repos/o/r/releases',
  filesUrl: 'https://github.com/o/r/releases/download',
};

describe('parseReleaseSource()', () => {
  test.each([
    'https://github.com/o/r',
    'https://github.com/o/r.git',
    'https://github.com/o/r/releases/latest',
    'https://api.github.com/repos/o/r/releases',
    'https://api.github.com/repos/o/r/releases/latest',
  ])('reads %s', (source) => {
    expect(parseReleaseSource(source)).toEqual(github);
  });

  test('reads the address of a GitHub Enterprise server', () => {
    expect(parseReleaseSource('https://git.example/api/v3/repos/o/r/releases')).toEqual({
      listUrl: 'https://git.example/api/v3/repos/o/r/releases',
      filesUrl: 'https://git.example/o/r/releases/download',
    });
  });

  test.each([
    'https://github.com/o/r/releases/download/v1/boot2docker.iso',
    'https://example.com/o/r',
    '/o/r',
    'https://github.com/o',
  ])('leaves %s alone', (source) => {
    expect(parseReleaseSource(source)).toBeUndefined();
  });
});

describe('parseReleases()', () => {
  const asset = (name: string) => ({ name, browser_download_url: `https://files/${name}` });

  test('skips previews and drafts, and takes the only image', () => {
    const releases = [
      { tag_name: 'v3', prerelease: true, assets: [asset('three.iso')] },
      { tag_name: 'v2', draft: true, assets: [asset('two.iso')] },
      { tag_name: 'v1', assets: [asset('one.iso'), asset('one.iso.sha256')] },
    ];
    expect(parseReleases(JSON.stringify(releases), github)).toBe('https://files/one.iso');
  });

  test("takes docker-machine's name among several, or where no files are listed", () => {
    const several = [{ tag_name: 'v1', assets: [asset('other.iso'), asset('boot2docker.iso')] }];
    expect(parseReleases(JSON.stringify(several), github)).toBe('https://files/boot2docker.iso');
    expect(parseReleases('[{"tag_name":"v1"}]', github)).toBe(`${github.filesUrl}/v1/boot2docker.iso`);
  });

  test.each(['[]', '{}', 'oops', '[{"tag_name":"v1","assets":[]}]'])('finds nothing in %s', (text) => {
    expect(parseReleases(text, github)).toBeUndefined();
  });
});

test('findReleaseImage() asks with the token of MACHINE_GITHUB_API_TOKEN, and says where it found nothing', async () => {
  const asked: (string | undefined)[] = [];
  await using server = await startLoopbackServer((request, response) => {
    asked.push(request.headers.authorization, request.headers['user-agent']);
    response.end(request.url?.includes('/empty/') ? '[]' : '[{"tag_name":"v1"}]');
  });
  const context = {
    env: { MACHINE_GITHUB_API_TOKEN: 'secret' },
    signal: AbortSignal.timeout(10_000),
    emit: () => undefined,
  };
  const source = parseReleaseSource(`${server.url}/api/v3/repos/o/r/releases`);
  const empty = parseReleaseSource(`${server.url}/api/v3/repos/o/empty/releases`);
  if (source === undefined || empty === undefined) throw new Error('both name a repository');
  expect(await findReleaseImage(source, context)).toBe(`${server.url}/o/r/releases/download/v1/boot2docker.iso`);
  expect(asked).toEqual(['Bearer secret', 'tmachine']);
  await expect(findReleaseImage(empty, context)).rejects.toMatchObject({ code: 'RELEASE_NOT_FOUND' });
});
