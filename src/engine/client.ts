import { TmachineError } from '../errors/tmachine-error.ts';
import { type ContainerOutput, parseContainerOutput } from './container-output.ts';
import { type EngineAddress, type EngineCallOptions, requestEngine } from './request.ts';

/** What `GET /version` tells; the names are the API's own. */
export interface EngineVersion {
  readonly Version: string;
  readonly ApiVersion: string;
  readonly MinAPIVersion?: string;
  readonly Os: string;
  readonly Arch: string;
  readonly KernelVersion: string;
  readonly GitCommit: string;
  readonly GoVersion: string;
  readonly BuildTime?: string;
}

/** A container as `POST /containers/create` takes it; every field of the API may be given. */
export interface ContainerSpec {
  readonly Image: string;
  readonly Cmd?: readonly string[];
  readonly [field: string]: unknown;
}

/** Version, API version and platform of an engine. @throws TmachineError as `requestEngine`. */
export async function getVersion(engine: EngineAddress, options: EngineCallOptions): Promise<EngineVersion> {
  return await getJson<EngineVersion>(engine, '/version', options);
}

/** Resolves when the engine answers at all. @throws TmachineError as `requestEngine`. */
export async function ping(engine: EngineAddress, options: EngineCallOptions): Promise<void> {
  await requestEngine(engine, { method: 'GET', path: '/_ping' }, options);
}

/** Makes a container and gives its id. @throws TmachineError as `requestEngine`. */
export async function createContainer(
  engine: EngineAddress,
  spec: ContainerSpec,
  options: EngineCallOptions,
): Promise<string> {
  const call = { method: 'POST', path: '/containers/create', body: spec } as const;
  return parseJson<{ readonly Id: string }>((await requestEngine(engine, call, options)).body).Id;
}

/** Starts a container that was made before. @throws TmachineError as `requestEngine`. */
export async function startContainer(engine: EngineAddress, id: string, options: EngineCallOptions): Promise<void> {
  await requestEngine(engine, { method: 'POST', path: `/containers/${id}/start` }, options);
}

/** Waits for a container to end and gives its exit status. @throws TmachineError as `requestEngine`. */
export async function waitForContainer(engine: EngineAddress, id: string, options: EngineCallOptions): Promise<number> {
  const answer = await requestEngine(engine, { method: 'POST', path: `/containers/${id}/wait` }, options);
  return parseJson<{ readonly StatusCode: number }>(answer.body).StatusCode;
}

/** Everything a container has written so far. @throws TmachineError as `requestEngine`. */
export async function readContainerOutput(
  engine: EngineAddress,
  id: string,
  options: EngineCallOptions,
): Promise<ContainerOutput> {
  const call = { method: 'GET', path: `/containers/${id}/logs`, query: { stdout: '1', stderr: '1' } } as const;
  return parseContainerOutput((await requestEngine(engine, call, options)).body);
}

/** Ends and removes a container with its anonymous volumes. @throws TmachineError as `requestEngine`. */
export async function removeContainer(engine: EngineAddress, id: string, options: EngineCallOptions): Promise<void> {
  await requestEngine(engine, { method: 'DELETE', path: `/containers/${id}`, query: { force: '1', v: '1' } }, options);
}

/** Loads images from a tar as `docker save` writes it. @throws TmachineError as `requestEngine`, `IMAGE_REFUSED`. */
export async function loadImage(engine: EngineAddress, tar: Uint8Array, options: EngineCallOptions): Promise<void> {
  const call = { method: 'POST', path: '/images/load', query: { quiet: '1' }, body: tar } as const;
  requireNoError((await requestEngine(engine, call, options)).body);
}

/** A root file system that becomes an image; `changes` are Dockerfile instructions such as `CMD ["/hello"]`. */
export interface ImageImport {
  readonly rootfs: Uint8Array;
  readonly repository: string;
  readonly tag: string;
  readonly changes?: readonly string[];
}

/** Makes an image of a root file system, as `docker import` does. @throws TmachineError as `requestEngine`, `IMAGE_REFUSED`. */
export async function importImage(
  engine: EngineAddress,
  image: ImageImport,
  options: EngineCallOptions,
): Promise<void> {
  const query = new URLSearchParams({ fromSrc: '-', repo: image.repository, tag: image.tag });
  for (const change of image.changes ?? []) query.append('changes', change);
  const call = { method: 'POST', path: `/images/create?${query}`, body: image.rootfs } as const;
  requireNoError((await requestEngine(engine, call, options)).body);
}

/** Image calls answer with status 200 and a line of JSON per step; a failure is one of those lines. */
function requireNoError(body: Buffer): void {
  for (const line of body.toString('utf8').split('\n')) {
    const error = /"error":"((?:[^"\\]|\\.)*)"/.exec(line)?.[1];
    if (error === undefined) continue;
    throw new TmachineError(`Cannot load the image: ${JSON.parse(`"${error}"`)}`, { code: 'IMAGE_REFUSED' });
  }
}

async function getJson<T>(engine: EngineAddress, path: string, options: EngineCallOptions): Promise<T> {
  return parseJson<T>((await requestEngine(engine, { method: 'GET', path }, options)).body);
}

function parseJson<T>(body: Buffer): T {
  try {
    return JSON.parse(body.toString('utf8')) as T;
  } catch (error) {
    throw new TmachineError('Cannot read the answer of the engine: it is not JSON', {
      code: 'ENGINE_REFUSED',
      hint: 'is something else listening on the port of the engine?',
      cause: error,
    });
  }
}
