import { readdir } from 'node:fs/promises';
import { type BuildContext, type BuildRequest, buildImage } from '../../src/image/build.ts';
import { bootLoaderPackages, guestPackages } from '../../src/image/guest/packages.ts';
import {
  type DebianRepository,
  makePackage,
  makeSigningKey,
  type PackageRecipe,
  type ReleaseRecipe,
  type SigningKey,
  startDebianRepository,
} from './debian-repository.ts';
import { makeTempFolder } from './temp-folder.ts';

/** An archive with every package the guest asks for, as small as can be, and a good mirror of it. */
export interface TinyArchive extends AsyncDisposable {
  readonly key: SigningKey;
  readonly mirror: DebianRepository;
  /** Another mirror, which a test may spoil; signed by the archive's key unless told otherwise. */
  startMirror(release?: ReleaseRecipe, by?: SigningKey): Promise<DebianRepository>;
  /** A context in which a build trusts the archive and gives up soon. */
  contextOf(changes?: Partial<BuildContext>): BuildContext;
  build(mirror: DebianRepository, cacheDirectory: string, changes?: BuildChanges): ReturnType<typeof buildImage>;
}

type BuildChanges = Partial<BuildContext> & Partial<Pick<BuildRequest, 'output' | 'suite'>>;

export async function makeTinyArchive(): Promise<TinyArchive> {
  const folder = await makeTempFolder();
  const key = await makeSigningKey();
  const packages = tinyPackages().map((each) => makePackage(each, folder.path));
  const startMirror = (release: ReleaseRecipe = {}, by: SigningKey = key): Promise<DebianRepository> =>
    startDebianRepository({ packages, key: by, release });
  const mirror = await startMirror();
  const contextOf = (changes: Partial<BuildContext> = {}): BuildContext => ({
    env: {},
    platform: process.platform,
    signal: new AbortController().signal,
    emit: () => undefined,
    trustedKeys: [key.publicKey],
    attempts: 2,
    retryDelayMs: 1,
    stallTimeoutMs: 300,
    workers: 1,
    ...changes,
  });
  return {
    key,
    mirror,
    startMirror,
    contextOf,
    build(from, cacheDirectory, { output, suite = 'trixie', ...context } = {}) {
      const request = { suite, mirror: { uri: from.url, checkValidUntil: true }, cacheDirectory, output };
      return buildImage(request, contextOf(context));
    },
    async [Symbol.asyncDispose]() {
      await mirror[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const contents: Readonly<Record<string, PackageRecipe['files']>> = {
  'linux-image-amd64': { 'boot/vmlinuz-6.1.0-test': 'kernel' },
  'busybox-static': { 'usr/bin/busybox': Buffer.from('\x7fELF [\0[[\0ash\0sh\0\0') },
  isolinux: { 'usr/lib/ISOLINUX/isolinux.bin': Buffer.alloc(4096, 1) },
  'syslinux-common': { 'usr/lib/syslinux/modules/bios/ldlinux.c32': 'ldlinux' },
  'docker.io': { 'usr/sbin/dockerd': Buffer.alloc(200_000, 'dockerd '), 'usr/bin/docker-link': { link: 'dockerd' } },
};

/** Every package the guest asks for, as small as can be. */
function tinyPackages(): PackageRecipe[] {
  return [...guestPackages, ...bootLoaderPackages].map((name) => ({
    name,
    version: name === 'docker.io' ? '26.1.5+dfsg1-9' : '1.0-1',
    depends: name === 'docker.io' ? 'containerd, virtual-thing | nothing' : '',
    provides: name === 'runc' ? 'virtual-thing' : '',
    files: contents[name] ?? { [`usr/share/${name}/file`]: name },
  }));
}

/** All names below a folder but whole packages and their index, which a failure may leave for the next build. */
export async function listDebris(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => name !== 'debian' && !/[0-9a-f]{64}\.(deb|gz)$/.test(name));
}
