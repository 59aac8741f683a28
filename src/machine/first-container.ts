import {
  createContainer,
  importImage,
  readContainerOutput,
  removeContainer,
  startContainer,
  waitForContainer,
} from '../engine/client.ts';
import { packHelloRoot } from '../engine/hello-image.ts';
import { TmachineError } from '../errors/tmachine-error.ts';
import type { MachineContext } from './context.ts';
import { engineTarget } from './engine.ts';
import type { Machine } from './machine.ts';

/** The image `quickstart` makes on the spot, so that no registry is needed. */
export const helloImage = 'tmachine-hello';

/** Puts the hello image into a machine's engine. */
export async function importHelloImage(machine: Machine, url: string, context: MachineContext): Promise<void> {
  const engine = engineTarget(machine, url);
  const rootfs = await packHelloRoot('Hello from Docker! This container runs in a machine made by tmachine.\n');
  const image = { rootfs, repository: helloImage, tag: 'latest', changes: ['CMD ["/hello"]'] };
  await importImage(engine, image, { timeoutMs, signal: context.signal });
}

/** Runs the hello image through the engine's API; resolves with what it printed. @throws TmachineError `CONTAINER_FAILED`. */
export async function runHelloContainer(machine: Machine, url: string, context: MachineContext): Promise<string> {
  const engine = engineTarget(machine, url);
  const options = { timeoutMs, signal: context.signal };
  const id = await createContainer(engine, { Image: helloImage }, options);
  try {
    await startContainer(engine, id, options);
    const status = await waitForContainer(engine, id, options);
    const { stdout, stderr } = await readContainerOutput(engine, id, options);
    if (status === 0) return Buffer.from(stdout).toString();
    throw new TmachineError(`The first container ended with status ${status}: ${Buffer.from(stderr).toString()}`, {
      code: 'CONTAINER_FAILED',
    });
  } finally {
    await removeContainer(engine, id, options);
  }
}

const timeoutMs = 120_000;
