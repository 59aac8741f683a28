import { join } from 'node:path';
import { findDriver } from '../driver/registry.ts';
import { exitCodes } from '../errors/exit-codes.ts';
import { messageOf, TmachineError } from '../errors/tmachine-error.ts';
import { step } from '../events/event.ts';
import { isOpenToOthers } from '../host/files.ts';
import { defaultHostOptions, type EngineOptions, type SwarmOptions } from '../store/host-options.ts';
import type { MachineRecord } from '../store/record.ts';
import { authorityPathsOf, openAuthority } from './authority.ts';
import type { MachineContext } from './context.ts';
import { type Machine, openRecord, saveMachine } from './machine.ts';
import { checkName } from './name.ts';
import { provisionMachine } from './provision.ts';
import { makeSeedFor } from './seed.ts';
import { createUndoList, type UndoList } from './undo.ts';
import { requireEngine, requireProvisionedEngine } from './wait-for-engine.ts';

/** What `create` is asked for. */
export interface CreateRequest {
  readonly name: string;
  readonly driverName: string;
  /** Values of the driver's own flags. */
  readonly driverFlags: Readonly<Record<string, unknown>>;
  readonly engine: Partial<EngineOptions>;
  readonly swarm: Partial<SwarmOptions>;
  /** Values of `--tls-san`. */
  readonly extraNames: readonly string[];
  readonly keepOnFailure: boolean;
}

/**
 * Makes a machine whose engine answers over mutual TLS. On failure or abortion everything made is undone, last first,
 * unless the request says to keep it.
 *
 * @throws TmachineError `INVALID_NAME`, `MACHINE_EXISTS`, `PREFLIGHT_FAILED` (exit 3), or what went wrong.
 */
export async function createMachine(request: CreateRequest, context: MachineContext): Promise<void> {
  checkName(request.name);
  await refuseExisting(request.name, context);
  const record = await planRecord(request, context);
  const emit = context.emitFor(request.name);
  {
    await using candidate = await openRecord(record, context);
    await step(emit, 'preflight', 'Running pre-create checks', () => preflight(candidate));
  }
  await context.store.withMachineLock(request.name, async () => {
    await refuseExisting(request.name, context);
    const undo = createUndoList();
    try {
      await build(record, { context, undo });
    } catch (error) {
      await reportConsole(record, context);
      if (request.keepOnFailure) keep(record, context);
      else await takeBack(record, { context, undo });
      throw error;
    }
  });
}

async function planRecord(request: CreateRequest, context: MachineContext): Promise<MachineRecord> {
  const { layout } = context.store;
  const definition = await findDriver(request.driverName, context);
  const files = layout.machine(request.name);
  const place = { name: request.name, storePath: layout.directory, sshKeyPath: files.sshKey };
  const data = definition.configure(request.driverFlags as never, place);
  const defaults = defaultHostOptions(layout.certs, files);
  const paths = authorityPathsOf(context);
  return {
    name: request.name,
    driverName: definition.name,
    data,
    options: {
      ...defaults,
      EngineOptions: { ...defaults.EngineOptions, ...request.engine },
      SwarmOptions: { ...defaults.SwarmOptions, ...request.swarm },
      AuthOptions: {
        ...defaults.AuthOptions,
        CaCertPath: paths.ca.cert,
        CaPrivateKeyPath: paths.ca.key,
        ClientCertPath: paths.client.cert,
        ClientKeyPath: paths.client.key,
        ServerCertSANs: request.extraNames,
      },
    },
  };
}

async function build(
  record: MachineRecord,
  { context, undo }: { readonly context: MachineContext; readonly undo: UndoList },
): Promise<void> {
  const { store } = context;
  undo.add('the stored machine', () => store.remove(record.name));
  await store.save(record);
  await using machine = await openRecord(record, context);
  const { emit } = machine;
  if (await isOpenToOthers(machine.files.directory)) emit({ type: 'notice', level: 'warning', text: openToOthers });
  const authority = await openAuthority(context);
  undo.add('the machine', () => removeAfresh(record.name, context));
  // A disk that was there before, such as boot2docker's, keeps what is on it and takes no seed.
  let isSeeded = false;
  await step(emit, 'create', 'Creating machine', async () => {
    await machine.driver.create(async (addresses, wishes) => {
      isSeeded = true;
      return await makeSeedFor(machine, { context, addresses, wishes, authority });
    });
    await saveMachine(machine, context);
  });
  if (machine.driver.guest === undefined) return;
  if (isSeeded && machine.bootImage()?.takesSeed !== false) {
    await step(emit, 'engine', 'Waiting for the Docker Engine to answer', () => requireEngine(machine, context));
  } else {
    await provisionMachine(machine, context);
    await step(emit, 'engine', 'Checking connection to Docker', () => requireProvisionedEngine(machine, context));
  }
  await saveMachine(machine, context);
  emit({ type: 'notice', level: 'info', text: 'Docker is up and running!' });
}

const openToOthers =
  'The storage path is on a file system without permissions of its own: whoever can read it can read the private keys of machines';

async function preflight(candidate: Machine): Promise<void> {
  try {
    await candidate.driver.preflight();
  } catch (error) {
    if (!(error instanceof TmachineError)) throw error;
    throw new TmachineError(`Error with pre-create check: ${JSON.stringify(error.message)}`, {
      code: 'PREFLIGHT_FAILED',
      hint: error.hint,
      exitCode: exitCodes.preflight,
      // The message quotes the error whole, so only what lies behind it is news.
      cause: error.cause,
    });
  }
}

async function refuseExisting(name: string, { store }: MachineContext): Promise<void> {
  const existing = await store.findName(name);
  if (existing === undefined) return;
  const other = existing === name ? '' : `, and "${existing}" differs from "${name}" only in case`;
  throw new TmachineError(`Docker machine "${existing}" already exists${other}`, {
    code: 'MACHINE_EXISTS',
    hint: `choose another name, or remove it first: tmachine rm ${existing}`,
  });
}

/** The driver that failed may be bound to an aborted signal; undoing must run to its end, so it gets a new one. */
async function removeAfresh(name: string, context: MachineContext): Promise<void> {
  const fresh = { ...context, signal: AbortSignal.timeout(undoTimeoutMs) };
  await using machine = await openRecord(await context.store.load(name), fresh);
  await machine.driver.remove();
}

const undoTimeoutMs = 60_000;

async function takeBack(
  record: MachineRecord,
  { context, undo }: { readonly context: MachineContext; readonly undo: UndoList },
): Promise<void> {
  const emit = context.emitFor(record.name);
  emit({ type: 'notice', level: 'info', text: 'Undoing what was made...' });
  for (const failure of await undo.run())
    emit({ type: 'notice', level: 'warning', text: `Could not undo ${failure}; try: tmachine rm -f ${record.name}` });
}

function keep(record: MachineRecord, context: MachineContext): void {
  context.emitFor(record.name)({
    type: 'notice',
    level: 'warning',
    text: `Kept as it is in ${context.store.layout.machine(record.name).directory}; remove it with: tmachine rm -f ${record.name}`,
  });
}

/** The console is about to be deleted with the machine, so its last words are shown now. */
async function reportConsole(record: MachineRecord, context: MachineContext): Promise<void> {
  if (context.signal.aborted) return;
  try {
    await using machine = await openRecord(record, context);
    const lines = (await machine.driver.console?.lastLines(15)) ?? [];
    if (lines.length === 0) return;
    machine.emit({ type: 'notice', level: 'warning', text: `Last lines of the console:\n${lines.join('\n')}` });
  } catch (error) {
    const text = `The console cannot be read (${messageOf(error)}): ${join(record.name, 'console')}`;
    context.emitFor(record.name)({ type: 'notice', level: 'warning', text });
  }
}
