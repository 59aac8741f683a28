import type { CliVersion } from './cli-version.ts';

/**
 * Versions of the Engine API by the number behind `1.`: the newest that each Docker CLI speaks, and the oldest that it
 * settles for (docker/docs, "API version matrix"; the client's own floor: moby/moby pull requests 51119 and 52067).
 * From 25.0 on the newest is above all that engines insist on so far, so it is left out.
 */
const speaks: readonly {
  readonly from: readonly [number, number];
  readonly newest?: number;
  readonly oldest?: number;
}[] = [
  { from: [17, 6], newest: 30 },
  { from: [17, 9], newest: 32 },
  { from: [17, 12], newest: 35 },
  { from: [18, 3], newest: 37 },
  { from: [18, 6], newest: 38 },
  { from: [18, 9], newest: 39 },
  { from: [19, 3], newest: 40 },
  { from: [20, 10], newest: 41 },
  { from: [23, 0], newest: 42 },
  { from: [24, 0], newest: 43 },
  { from: [25, 0] },
  { from: [29, 0], oldest: 44 },
  { from: [29, 3], oldest: 40 },
];

/** An engine refuses old clients only from 29.0 on, which has this version. */
const firstToRefuse = 52;

/** What an engine speaks, by the number behind `1.`. */
export interface EngineApi {
  readonly newest: number;
  /** Missing where it was not asked. */
  readonly oldest?: number | undefined;
}

/** How a Docker CLI and an engine miss each other. */
export type CliMisfit =
  /** The engine is too old; `forced` is a DOCKER_API_VERSION that makes this CLI speak with it all the same. */
  | { readonly kind: 'old-engine'; readonly needs: number; readonly has: number; readonly forced: string | undefined }
  | { readonly kind: 'old-cli'; readonly needs: number; readonly has: number };

/** The number behind `1.`, or nothing for what is no version of the API we know. */
export function parseApiVersion(text: string | undefined): number | undefined {
  const minor = /^1\.(\d+)$/.exec(text ?? '')?.[1];
  return minor === undefined ? undefined : Number(minor);
}

/** Whether there can be an engine that this CLI cannot speak with, so that engines must be asked. */
export function planAsking(cli: CliVersion | undefined): boolean {
  const range = rangeOf(cli);
  return range?.newest !== undefined || range?.oldest !== undefined;
}

/** Whether it matters which is the oldest API of an engine with this newest one. */
export function planAskingOldest(cli: CliVersion, newest: number): boolean {
  return rangeOf(cli)?.newest !== undefined && newest >= firstToRefuse;
}

/** Why this CLI and this engine cannot speak with each other; nothing when they can, as far as is known. */
export function planMisfit(cli: CliVersion, engine: EngineApi): CliMisfit | undefined {
  const { newest, oldest } = rangeOf(cli) ?? {};
  if (oldest !== undefined && engine.newest < oldest) {
    const isForceable = cli.major === 29 && cli.minor < 3;
    const forced = isForceable ? `1.${engine.newest}` : undefined;
    return { kind: 'old-engine', needs: oldest, has: engine.newest, forced };
  }
  if (newest !== undefined && engine.oldest !== undefined && newest < engine.oldest)
    return { kind: 'old-cli', needs: engine.oldest, has: newest };
  return undefined;
}

/** What is wrong in one sentence, and what helps in another; `variable` is how DOCKER_API_VERSION gets its value. */
export function formatMisfit(
  misfit: CliMisfit,
  { cli, machine, variable }: { readonly cli: CliVersion; readonly machine: string; readonly variable: string },
): string {
  const what = `The Docker CLI ${cli.text} cannot speak with the engine of "${machine}"`;
  if (misfit.kind === 'old-cli')
    return `${what}: it has API 1.${misfit.has}, and the engine takes none below 1.${misfit.needs}. Install Docker CLI 25 or newer`;
  const why = `it takes no API below 1.${misfit.needs}, and the engine has 1.${misfit.has}`;
  const better = misfit.has < 40 ? 'Docker CLI 28' : 'Docker CLI 29.3 or newer';
  return misfit.forced === undefined
    ? `${what}: ${why}. Install ${better}`
    : `${what} by itself: ${why}. ${variable}; ${better} needs no such help`;
}

function rangeOf(cli: CliVersion | undefined) {
  if (cli === undefined) return undefined;
  return speaks.findLast(
    ({ from: [major, minor] }) => cli.major > major || (cli.major === major && cli.minor >= minor),
  );
}
