import { basename, resolve } from 'node:path';
import { exitCodes } from '../errors/exit-codes.ts';
import { messageOf, TmachineError } from '../errors/tmachine-error.ts';
import { buildImage } from '../image/build.ts';
import { type ListedImage, listImages, removeImage } from '../image/cache.ts';
import { verifyImage } from '../image/manifest.ts';
import { findMirror } from '../image/mirror.ts';
import { settingsFileOf } from '../machine/boot-image.ts';
import type { MachineContext } from '../machine/context.ts';
import { formatTable } from '../report/table.ts';
import type { Answer } from './command.ts';

/** Flags of `image build`, empty where not given. */
export interface BuildFlags {
  readonly suite: string;
  readonly mirror: string;
  readonly output: string;
}

/** Builds an image, or finds the one with the same inputs; answers with its path. */
export async function runImageBuild(flags: BuildFlags, context: MachineContext): Promise<Answer> {
  const { env, platform, signal, emit, store, cwd } = context;
  const mirror = await findMirror({ option: flags.mirror, env, settingsFile: settingsFileOf(context) });
  const output = flags.output === '' ? undefined : resolve(cwd, flags.output);
  const request = { suite: flags.suite, mirror, cacheDirectory: store.layout.cache, output };
  const { path, manifest, reused } = await buildImage(request, { env, platform, signal, emit });
  const { engineVersion, kernelVersion, iso } = manifest;
  return { data: { path, reused, engineVersion, kernelVersion, ...iso }, text: `${path}\n` };
}

/** The images of the cache. */
export async function runImageList({ store }: MachineContext): Promise<Answer> {
  const images = await listImages(store.layout.cache);
  const now = Date.now();
  const rows = images.map((image) => [
    basename(image.path),
    image.engineVersion ?? 'unknown',
    image.kernelVersion ?? 'unknown',
    `${(image.size / 1e6).toFixed(1)} MB`,
    formatAge(now - image.builtAt.getTime()),
  ]);
  return { data: images, text: formatTable([['IMAGE', 'ENGINE', 'KERNEL', 'SIZE', 'AGE'], ...rows]) };
}

/** Checks the named images, or all of the cache that have a manifest; exit status 1 when one is damaged. */
export async function runImageVerify(files: readonly string[], context: MachineContext): Promise<Answer> {
  const { store, signal, cwd } = context;
  const cached = await listImages(store.layout.cache);
  const paths = files.length > 0 ? files.map((file) => pathOf(file, cached, cwd)) : cached.map(({ path }) => path);
  const results = [];
  for (const path of paths) {
    const failure = await verifyImage(path, signal).then(
      () => undefined,
      (error: unknown) => {
        if (error instanceof TmachineError) return error;
        throw error;
      },
    );
    results.push({ path, ok: failure === undefined, reason: failure === undefined ? '' : messageOf(failure) });
  }
  const text = results.map(({ path, ok, reason }) => `${ok ? `${path}: good` : reason}\n`).join('');
  const exitCode = results.every(({ ok }) => ok) ? exitCodes.done : exitCodes.failed;
  return { data: results, text, exitCode };
}

/** Deletes images with their manifests. */
export async function runImageRemove(images: readonly string[], { store, cwd }: MachineContext): Promise<Answer> {
  const removed: string[] = [];
  for (const image of images)
    removed.push(await removeImage(basename(image) === image ? image : resolve(cwd, image), store.layout.cache));
  return { data: removed, text: removed.map((path) => `Removed ${path}\n`).join('') };
}

/** A time span as a person says it: the largest whole unit. */
export function formatAge(elapsedMs: number): string {
  const units = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
    ['second', 1000],
  ] as const;
  const unit = units.find(([, ms]) => elapsedMs >= ms) ?? units[3];
  const count = Math.max(0, Math.floor(elapsedMs / unit[1]));
  return `${count} ${unit[0]}${count === 1 ? '' : 's'}`;
}

function pathOf(file: string, cached: readonly ListedImage[], cwd: string): string {
  return cached.find(({ path }) => basename(path) === file)?.path ?? resolve(cwd, file);
}
