import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { DebianRepository } from '../support/debian-repository.ts';
import { serveBytes, startLoopbackServer } from '../support/loopback-server.ts';
import { MachineBench } from '../support/machine-bench.ts';
import { describeAsRoot, describeWith } from '../support/requires.ts';
import type { TmachineCall, TmachineResult } from '../support/run-tmachine.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { listDebris, makeTinyArchive, type TinyArchive } from '../support/tiny-archive.ts';
import { makeTrustingProgram } from '../support/trusting-program.ts';

let bench: MachineBench;

beforeEach(async () => {
  bench = await MachineBench.make();
});

afterEach(async () => await bench[Symbol.asyncDispose]());

/** Interrupts the program as soon as it has said this. */
const interruptAt = (words: string): Pick<TmachineCall, 'onStart'> => ({
  onStart(child) {
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes(words) && !child.killed) child.kill('SIGINT');
    });
  },
});

const cache = (): string => join(bench.temp.path, 'cache');

describeWith(['dpkg-deb', 'qemu-system-x86_64'], 'a Debian mirror', () => {
  let archive: TinyArchive;
  let folder: Awaited<ReturnType<typeof makeTempFolder>>;
  let program: string;

  beforeAll(async () => {
    archive = await makeTinyArchive();
    folder = await makeTempFolder();
    program = await makeTrustingProgram(folder.path, archive.key.publicKey);
  }, 120_000);

  afterAll(async () => {
    await folder[Symbol.asyncDispose]();
    await archive[Symbol.asyncDispose]();
  });

  /** `image build`, and then `create`, which builds as well where there is no image. */
  async function expectBoth(mirror: string, words: RegExp, call: TmachineCall = {}): Promise<void> {
    const env = { TMACHINE_DEBIAN_MIRROR: mirror };
    const results: readonly TmachineResult[] = [
      await bench.call(['image', 'build', '--mirror', mirror], call),
      await bench.call(['create', '--qemu-accel', 'tcg', 'dev'], { ...call, env }),
    ];
    for (const { exitCode, stdout, stderr } of results) {
      expect([exitCode, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(words);
    }
    expect(results[1]?.stderr).toContain('Undoing what was made...');
    expect(await bench.temp.store.names()).toEqual([]);
    const debris = await listDebris(cache());
    expect(debris.filter((name) => !name.endsWith('.part'))).toEqual([]);
  }

  const flip = (repository: DebianRepository, path: string): void => {
    const bytes = Buffer.from(repository.files.get(path) ?? []);
    bytes[bytes.length - 40] = (bytes[bytes.length - 40] ?? 0) ^ 1;
    repository.files.set(path, bytes);
  };

  test('whose signature is by nobody we trust is refused, naming the file', async () => {
    await using mirror = await archive.startMirror();
    await expectBoth(mirror.url, /dists\/trixie\/InRelease/);
    expect(mirror.requests.every((request) => request.includes('InRelease'))).toBe(true);
  });

  test('that lies about the digest of a package is refused, naming the file', async () => {
    await using mirror = await archive.startMirror();
    flip(mirror, mirror.poolPath('runc'));
    await expectBoth(mirror.url, /pool\/main\/runc_/, { program });
  });

  test('that lies about the digest of the index is refused, naming the file', async () => {
    await using mirror = await archive.startMirror();
    for (const path of mirror.files.keys()) if (path.includes('binary-amd64')) flip(mirror, path);
    await expectBoth(mirror.url, /by-hash\/SHA256\//, { program });
  });

  test('that is down is named', async () => {
    const mirror = await archive.startMirror();
    await mirror[Symbol.asyncDispose]();
    const { exitCode, stdout, stderr } = await bench.call(['image', 'build', '--mirror', mirror.url]);
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`${mirror.url}/dists/trixie/InRelease`);
    expect(stderr).toMatch(/ECONNREFUSED.*\(tried 5 times\)/);
  });

  test('that is silent is left at once by Ctrl-C, and nothing stays', async () => {
    await using mirror = await archive.startMirror();
    mirror.interfere = () => true;
    const args = ['image', 'build', '--mirror', mirror.url];
    const { exitCode, stdout, stderr } = await bench.call(args, interruptAt('...'));
    expect([exitCode, stdout]).toEqual([130, '']);
    expect(stderr).toMatch(/Interrupted\n$/);
    const env = { TMACHINE_DEBIAN_MIRROR: mirror.url };
    const created = await bench.call(['create', 'dev'], { env, ...interruptAt('Creating the disk') });
    expect(created.exitCode).toBe(130);
    expect(created.stderr).toContain('Undoing what was made...');
    expect(await bench.temp.store.names()).toEqual([]);
    expect(await listDebris(cache())).toEqual([]);
  });

  test('that is good gives an image, which is listed, verified, refused once damaged, and removed', async () => {
    const build = ['image', 'build', '--mirror', archive.mirror.url];
    const built = await bench.call(build, { program });
    expect(built.exitCode).toBe(0);
    const path = built.stdout.trim();
    expect(path.startsWith(join(cache(), 'tmachine-'))).toBe(true);
    expect(JSON.parse((await bench.call([...build, '--json'], { program })).stdout)).toMatchObject({
      path,
      reused: true,
      engineVersion: '26.1.5',
    });
    const name = path.slice(cache().length + 1);
    expect((await bench.call(['image', 'ls'])).stdout).toMatch(
      /^IMAGE +ENGINE +KERNEL +SIZE +AGE\ntmachine-\S+\.iso +26\.1\.5 +\S+ +\d+\.\d MB +\d+ seconds?\n$/,
    );
    expect(await bench.call(['image', 'verify'])).toEqual({ exitCode: 0, stdout: `${path}: good\n`, stderr: '' });
    const bytes = await readFile(path);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await writeFile(path, bytes);
    const verified = await bench.call(['image', 'verify', name]);
    expect(verified.exitCode).toBe(1);
    expect(verified.stdout).toContain(name);
    const created = await bench.call(['create', '--qemu-accel', 'tcg', 'dev']);
    expect([created.exitCode, created.stdout]).toEqual([1, '']);
    expect(created.stderr).toContain(path);
    expect(await bench.temp.store.names()).toEqual([]);
    expect(await bench.call(['image', 'rm', name])).toMatchObject({ exitCode: 0, stdout: `Removed ${path}\n` });
    expect((await readdir(cache())).filter((file) => file.includes('tmachine-'))).toEqual([]);
  });
});

describe('image', () => {
  test.each([
    [[], 'image needs to be told what to do'],
    [['bake'], 'image cannot "bake"'],
    [['rm'], 'image rm needs the images to delete'],
    [['build', 'x'], 'image build takes no "x"'],
  ])('%j is a wrong command line', async (args, words) => {
    const { exitCode, stdout, stderr } = await bench.call(['image', ...args]);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(new RegExp(`^${words}\nTry: say one of: image build, image ls, image verify, image rm\n$`));
  });

  test('a mirror that is no address, and a suite that is none, are refused', async () => {
    const mirror = await bench.call(['image', 'build', '--mirror', 'ftp://x']);
    expect(mirror).toMatchObject({ exitCode: 1, stdout: '' });
    expect(mirror.stderr).toContain('Cannot use the Debian mirror "ftp://x": it is not an http or https address');
    const suite = await bench.call(['image', 'build', '--mirror', 'http://127.0.0.1:1', '--suite', '../x']);
    expect([suite.exitCode, suite.stdout]).toEqual([1, '']);
    expect(suite.stderr).toContain('../x');
  });

  test('a boot image that is missing or no image is refused by create, by name', async () => {
    const wrong = join(bench.temp.path, 'wrong.iso');
    await writeFile(wrong, 'no image');
    for (const path of [wrong, `${wrong}.gone`]) {
      const { exitCode, stdout, stderr } = await bench.call(['create', '--qemu-boot2docker-url', path, 'dev']);
      expect([exitCode, stdout]).toEqual([1, '']);
      expect(stderr).toContain(path);
      expect(await bench.temp.store.names()).toEqual([]);
    }
  });
});

describeAsRoot(['unshare', 'mount', 'qemu-system-x86_64'], 'no image and no mirror', () => {
  const through = ['unshare', '-m', 'sh', '-c', 'mount -t tmpfs none /etc/apt && exec "$@"', 'sh'];

  test('image build says how to name one', async () => {
    const { exitCode, stdout, stderr } = await bench.call(['image', 'build'], { through });
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toContain('Cannot build a boot image: no Debian mirror is known\nTry: name one with --mirror URL');
  });

  test('create says that boot2docker cannot be had either', async () => {
    await using server = await startLoopbackServer((_, response) => void response.writeHead(404).end());
    const env = { TMACHINE_BOOT2DOCKER_BASE_URL: server.url };
    const { exitCode, stdout, stderr } = await bench.call(['create', 'dev'], { env, through });
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toContain('No Debian mirror is known to build an image from');
    expect(stderr).toContain(`${server.url}/v19.03.12/boot2docker.iso`);
    expect(stderr).toContain('the server has no such file');
    expect(await bench.temp.store.names()).toEqual([]);
  });

  test('create takes boot2docker with a warning that its engine is from 2020', async () => {
    const image = await readFile(bench.imageFile);
    await using server = await startLoopbackServer((request, response) => serveBytes(request, response, image));
    const env = { TMACHINE_BOOT2DOCKER_BASE_URL: server.url };
    const call = { env, through, ...interruptAt('Starting the virtual machine') };
    const { exitCode, stdout, stderr } = await bench.call(['create', '--qemu-accel', 'tcg', 'dev'], call);
    expect([exitCode, stdout]).toEqual([130, '']);
    expect(stderr).toMatch(/Warning: No Debian mirror .* whose Docker Engine 19\.03 is from 2020/);
    expect(stderr).toContain(`Downloading ${server.url}/v19.03.12/boot2docker.iso...`);
    expect(await bench.temp.store.names()).toEqual([]);
    expect((await bench.call(['image', 'ls'])).stdout).toContain('boot2docker-v19.03.12.iso');
  });
});

describeAsRoot(['mount', 'dpkg-deb', 'qemu-system-x86_64'], 'a full disk', () => {
  async function onSmallDisk(kibibytes: number, work: (store: string) => Promise<void>): Promise<void> {
    const store = join(bench.temp.path, 'small');
    await mkdir(store);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kibibytes}k`, 'tmachine-test', store]);
    try {
      await work(store);
    } finally {
      execFileSync('umount', [store]);
    }
  }

  test('stops image build, and nothing but whole packages stays', async () => {
    await using archive = await makeTinyArchive();
    await using folder = await makeTempFolder();
    const program = await makeTrustingProgram(folder.path, archive.key.publicKey);
    await onSmallDisk(64, async (store) => {
      const args = ['-s', store, 'image', 'build', '--mirror', archive.mirror.url];
      const { exitCode, stdout, stderr } = await bench.call(args, { program });
      expect([exitCode, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/free, and .* are needed|disk is full/);
      const debris = await listDebris(join(store, 'cache'));
      expect(debris.filter((name) => !name.endsWith('.part'))).toEqual([]);
    });
  });

  test.each([4, 12, 24, 32, 72, 96])('of %i KiB stops create, and nothing stays', async (kibibytes) => {
    await onSmallDisk(kibibytes, async (store) => {
      const args = ['-s', store, 'create', '--qemu-accel', 'tcg', '--qemu-boot2docker-url', bench.imageFile, 'dev'];
      const { exitCode, stdout, stderr } = await bench.call(args);
      expect([exitCode, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/the disk is full\n( {2}because: ENOSPC.*\n)?Try: make room/);
      const left = await readdir(store, { recursive: true });
      expect(left.filter((name) => name.startsWith('machines/'))).toEqual([]);
      expect(left.filter((name) => /\.(lock|tmp|new)/.test(name))).toEqual([]);
    });
  });
});
