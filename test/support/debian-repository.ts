import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createCleartextMessage, generateKey, readPrivateKey, sign } from 'openpgp';
import { type LoopbackServer, serveBytes, startLoopbackServer } from './loopback-server.ts';

/** A package to be made; `files` map a path to text, bytes, or the target of a link. */
export interface PackageRecipe {
  readonly name: string;
  readonly version?: string;
  readonly depends?: string;
  readonly provides?: string;
  readonly files?: Readonly<Record<string, string | Uint8Array | { readonly link: string }>>;
  readonly compression?: 'xz' | 'gzip' | 'zstd' | 'none';
}

/** A key pair to sign with; both ASCII-armored. */
export interface SigningKey {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** How the repository's `Release` file reads. */
export interface ReleaseRecipe {
  readonly suite?: string;
  readonly codename?: string;
  readonly date?: Date;
  readonly validUntil?: Date;
  readonly byHash?: boolean;
}

/** A Debian archive served from this computer's memory. `files` may be changed to make it lie. */
export interface DebianRepository extends AsyncDisposable {
  readonly url: string;
  readonly files: Map<string, Uint8Array>;
  readonly requests: string[];
  /** Path of a package file on the server. */
  poolPath(name: string): string;
  /** Answers requests in place of the files when set; returns false to leave one to them. */
  interfere: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
}

/** A package file, its path on a mirror, and its paragraph of the index. */
export interface MadePackage {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly paragraph: string;
}

/** What a repository is made of. */
export interface RepositoryRecipe {
  readonly packages: readonly MadePackage[];
  readonly key: SigningKey;
  readonly release?: ReleaseRecipe;
}

export async function makeSigningKey(): Promise<SigningKey> {
  const date = new Date(Date.now() - 365 * 24 * 3600 * 1000);
  const { privateKey, publicKey } = await generateKey({
    type: 'ecc',
    userIDs: [{ name: 'Test Archive' }],
    format: 'armored',
    date,
  });
  return { privateKey, publicKey };
}

/** Signs an index over packages and serves all on loopback. */
export async function startDebianRepository(recipe: RepositoryRecipe): Promise<DebianRepository> {
  const files = new Map<string, Uint8Array>(recipe.packages.map(({ path, bytes }) => [`/${path}`, bytes]));
  const suite = recipe.release?.codename ?? 'trixie';
  const index = Buffer.from(`${recipe.packages.map(({ paragraph }) => paragraph).join('\n\n')}\n`);
  const folder = `/dists/${suite}/main/binary-amd64`;
  files.set(`${folder}/Packages.gz`, gzipSync(index));
  const packed = files.get(`${folder}/Packages.gz`) ?? index;
  if (recipe.release?.byHash !== false) files.set(`${folder}/by-hash/SHA256/${digest(packed)}`, packed);
  files.set(`/dists/${suite}/InRelease`, Buffer.from(await formatInRelease(recipe, packed)));
  return await serve(files);
}

export async function signText(text: string, key: SigningKey, date: Date): Promise<string> {
  const signingKeys = await readPrivateKey({ armoredKey: key.privateKey });
  return await sign({ message: await createCleartextMessage({ text }), signingKeys, date });
}

/** The text of a `Release` file. */
export function formatRelease(release: ReleaseRecipe, packed: Uint8Array): string {
  return [
    'Origin: Debian',
    `Suite: ${release.suite ?? 'stable'}`,
    `Codename: ${release.codename ?? 'trixie'}`,
    `Date: ${(release.date ?? new Date()).toUTCString()}`,
    ...(release.validUntil === undefined ? [] : [`Valid-Until: ${release.validUntil.toUTCString()}`]),
    `Acquire-By-Hash: ${release.byHash === false ? 'no' : 'yes'}`,
    'SHA256:',
    ` ${digest(packed)} ${packed.length} main/binary-amd64/Packages.gz`,
    '',
  ].join('\n');
}

async function formatInRelease({ release = {}, key }: RepositoryRecipe, packed: Uint8Array): Promise<string> {
  return await signText(formatRelease(release, packed), key, release.date ?? new Date());
}

/** Makes a package with dpkg-deb in `folder`, which the caller removes. */
export function makePackage(recipe: PackageRecipe, folder: string): MadePackage {
  const { name, version = '1.0-1' } = recipe;
  const control = [
    `Package: ${name}`,
    `Version: ${version}`,
    'Architecture: amd64',
    'Maintainer: Test <test@localhost>',
    ...(recipe.depends ? [`Depends: ${recipe.depends}`] : []),
    ...(recipe.provides ? [`Provides: ${recipe.provides}`] : []),
    'Description: test',
  ].join('\n');
  const bytes = buildDeb(recipe, `${control}\n`, join(folder, `${name}_${version}`));
  const path = `pool/main/${name}_${version}_amd64.deb`;
  const paragraph = `${control}\nFilename: ${path}\nSize: ${bytes.length}\nSHA256: ${digest(bytes)}`;
  return { path, bytes, paragraph };
}

function buildDeb(recipe: PackageRecipe, control: string, folder: string): Uint8Array {
  mkdirSync(join(folder, 'DEBIAN'), { recursive: true });
  writeFileSync(join(folder, 'DEBIAN', 'control'), control);
  for (const [path, content] of Object.entries(recipe.files ?? {})) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    if (typeof content === 'object' && 'link' in content) symlinkSync(content.link, join(folder, path));
    else {
      writeFileSync(join(folder, path), content);
      chmodSync(join(folder, path), 0o755);
    }
  }
  const args = ['--build', '--root-owner-group', `-Z${recipe.compression ?? 'xz'}`, folder, `${folder}.deb`];
  execFileSync('dpkg-deb', args, { stdio: 'ignore', env: { ...process.env, SOURCE_DATE_EPOCH: '1700000000' } });
  return readFileSync(`${folder}.deb`);
}

async function serve(files: Map<string, Uint8Array>): Promise<DebianRepository> {
  const server: LoopbackServer = await startLoopbackServer((request, response) => {
    if (repository.interfere?.(request, response) === true) return;
    const bytes = files.get(decodeURIComponent(request.url ?? ''));
    if (bytes === undefined) response.writeHead(404).end('no such file');
    else serveBytes(request, response, bytes);
  });
  const repository: DebianRepository = {
    url: server.url,
    requests: server.requests,
    files,
    poolPath: (name) => [...files.keys()].find((path) => path.startsWith(`/pool/main/${name}_`)) ?? '',
    interfere: undefined,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
  return repository;
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
