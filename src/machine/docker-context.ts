import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { planConfigFolder } from '../docker-cli/config-folder.ts';
import { type ContextOwner, type ContextRecord, planContextName } from '../docker-cli/context-record.ts';
import { type ContextCertificates, type DockerContexts, openContexts } from '../docker-cli/contexts.ts';
import { messageOf, TmachineError } from '../errors/tmachine-error.ts';
import { readTextIfExists } from '../host/files.ts';
import type { MachineContext } from './context.ts';

/** What the verbs on contexts need of the command line's tools. */
export type ContextPlace = Pick<MachineContext, 'store' | 'env' | 'platform' | 'cwd' | 'emitFor'>;

/**
 * The name for a machine's context, once it is sure that it can be made: nobody else's has the name, and the Docker
 * CLI's settings can be read.
 *
 * @throws TmachineError `DOCKER_CONFIG_UNKNOWN`, `CONTEXT_NAME`, `CONTEXT_TAKEN`, `DOCKER_CONFIG_UNREADABLE`.
 */
export async function requireContextName(machine: string, place: ContextPlace): Promise<string> {
  const contexts = requireContexts(place);
  const name = planContextName(machine);
  if (name === undefined)
    throw new TmachineError(`No context of the Docker CLI can have the name "${machine}"`, {
      code: 'CONTEXT_NAME',
      hint: `point this shell at the machine instead: eval "$(tmachine env ${machine})"`,
    });
  const [existing] = await Promise.all([contexts.read(name), contexts.current()]);
  if (existing !== undefined && !(await isOursToReplace(existing.owner, ownerOf(machine, place)))) {
    const whose =
      existing.owner === undefined ? 'was not made by tmachine' : `is of a machine in ${existing.owner.store}`;
    throw new TmachineError(`The Docker CLI has a context "${name}" already, which ${whose}`, {
      code: 'CONTEXT_TAKEN',
      hint: `remove it with "docker context rm ${name}", or go without: eval "$(tmachine env ${machine})"`,
    });
  }
  return name;
}

/** Makes a machine's context, or brings it up to date, and makes it the current one. Resolves with its name. */
export async function useContext(machine: string, url: string, place: ContextPlace): Promise<string> {
  const contexts = requireContexts(place);
  return await contexts.withLock(async () => {
    const name = await requireContextName(machine, place);
    const certificates = await readCertificates(machine, place);
    if (certificates === undefined)
      throw new TmachineError(`Cannot make a context for "${machine}": it lacks certificates`, {
        code: 'CERTIFICATE_MISSING',
        hint: `make new certificates: tmachine regenerate-certs ${machine}`,
      });
    await contexts.write(name, { host: url, owner: ownerOf(machine, place) }, certificates);
    await contexts.setCurrent(name);
    return name;
  });
}

/** How `useNone` found the Docker CLI: on a context of tmachine or on one that is gone, on the default one, or on another. */
export type LeftContext = { readonly was: 'ours' | 'default' | 'foreign'; readonly name: string };

/** Takes the Docker CLI off every machine's context, back to its default one. A context that is none of ours stays current. */
export async function useNone(place: ContextPlace): Promise<LeftContext> {
  const contexts = requireContexts(place);
  const name = await contexts.current();
  if (name === undefined || name === 'default') return { was: 'default', name: 'default' };
  const record = await contexts.read(name);
  if (record !== undefined && record.owner === undefined) return { was: 'foreign', name };
  await contexts.withLock(() => contexts.setCurrent(undefined));
  return { was: 'ours', name };
}

/** The machine of this store whose context the Docker CLI of this shell is on, DOCKER_HOST left aside. Never throws. */
export async function machineOfContext(place: ContextPlace): Promise<string | undefined> {
  const contexts = openPlace(place);
  try {
    const name = place.env['DOCKER_CONTEXT'] || (await contexts?.current());
    if (name === undefined) return undefined;
    const owner = (await contexts?.read(name))?.owner;
    return owner?.store === place.store.layout.directory ? owner.machine : undefined;
  } catch (error) {
    if (error instanceof TmachineError) return undefined;
    throw error;
  }
}

/** Brings a machine's context, where it has one, up to its address and certificates. A failure is only a warning. */
export async function refreshContext(
  machine: string,
  place: ContextPlace,
  findUrl: () => Promise<string | undefined> = async () => undefined,
): Promise<void> {
  await withOwnContext(machine, place, async ({ name, record, contexts }) => {
    const certificates = await readCertificates(machine, place);
    const host = (await findUrl()) || record.host;
    if (certificates !== undefined) await contexts.write(name, { ...record, host }, certificates);
  });
}

/** Takes the Docker CLI off the context of a machine that is off, on which it would hang. A failure is only a warning. */
export async function leaveContext(machine: string, place: ContextPlace): Promise<void> {
  await withOwnContext(machine, place, async ({ name, contexts }) => {
    if ((await contexts.current()) !== name) return;
    await contexts.setCurrent(undefined);
    const text = `The Docker CLI was on the context "${name}", and is back on "default". To return: tmachine use ${machine}`;
    place.emitFor(machine)({ type: 'notice', level: 'info', text });
  });
}

/** Removes a machine's context, where it has one; never while it is current. A failure is only a warning. */
export async function dropContext(machine: string, place: ContextPlace): Promise<void> {
  await withOwnContext(machine, place, async ({ name, contexts }) => {
    const notice = (text: string): void => place.emitFor(machine)({ type: 'notice', level: 'info', text });
    if ((await contexts.current()) === name) {
      await contexts.setCurrent(undefined);
      notice(`The Docker CLI was on the context "${name}", and is back on "default".`);
    }
    await contexts.remove(name);
    if (place.env['DOCKER_CONTEXT'] === name)
      notice(`DOCKER_CONTEXT of this shell still names "${name}", which is gone: unset it`);
  });
}

interface OwnContext {
  readonly name: string;
  readonly record: ContextRecord;
  readonly contexts: DockerContexts;
}

/** Most machines have no context: then a single file is looked for and nothing is locked. */
async function withOwnContext(
  machine: string,
  place: ContextPlace,
  work: (own: OwnContext) => Promise<void>,
): Promise<void> {
  const [contexts, name] = [openPlace(place), planContextName(machine)];
  if (contexts === undefined || name === undefined) return;
  const find = async (): Promise<ContextRecord | undefined> => {
    const record = await contexts.read(name);
    return isSame(record?.owner, ownerOf(machine, place)) ? record : undefined;
  };
  try {
    if ((await find()) === undefined) return;
    await contexts.withLock(async () => {
      const record = await find();
      if (record !== undefined) await work({ name, record, contexts });
    });
  } catch (error) {
    if (!(error instanceof TmachineError)) throw error;
    const hint = error.hint === undefined ? '' : `; ${error.hint}`;
    const text = `The Docker CLI's context "${name}" is not up to date: ${messageOf(error)}${hint}`;
    place.emitFor(machine)({ type: 'notice', level: 'warning', text });
  }
}

function openPlace(place: ContextPlace): DockerContexts | undefined {
  const folder = planConfigFolder(place);
  return folder === undefined ? undefined : openContexts(folder, place.platform);
}

function requireContexts(place: ContextPlace): DockerContexts {
  const contexts = openPlace(place);
  if (contexts !== undefined) return contexts;
  throw new TmachineError('Where the Docker CLI keeps its settings is unknown, for this user has no home folder', {
    code: 'DOCKER_CONFIG_UNKNOWN',
    hint: 'name the folder: DOCKER_CONFIG=FOLDER',
  });
}

function ownerOf(machine: string, { store }: ContextPlace): ContextOwner {
  return { store: store.layout.directory, machine };
}

function isSame(one: ContextOwner | undefined, other: ContextOwner): boolean {
  return one?.store === other.store && one.machine === other.machine;
}

/** Ours, or left over from a machine that is no longer there. */
async function isOursToReplace(owner: ContextOwner | undefined, self: ContextOwner): Promise<boolean> {
  if (owner === undefined || isSame(owner, self)) return owner !== undefined;
  return await stat(join(owner.store, 'machines', owner.machine)).then(
    () => false,
    () => true,
  );
}

async function readCertificates(machine: string, { store }: ContextPlace): Promise<ContextCertificates | undefined> {
  const { caCert, clientCert, clientKey } = store.layout.machine(machine);
  const [ca, cert, key] = await Promise.all([caCert, clientCert, clientKey].map(readTextIfExists));
  return ca === undefined || cert === undefined || key === undefined ? undefined : { ca, cert, key };
}
