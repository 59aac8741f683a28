import type { Driver, DriverRecord, PowerControls } from '../driver/contract.ts';
import type { BootImage, Host } from '../driver/host.ts';
import { findDriver } from '../driver/registry.ts';
import { TmachineError } from '../errors/tmachine-error.ts';
import type { Emit } from '../events/event.ts';
import type { MachineFiles } from '../store/layout.ts';
import { formatData, type MachineRecord } from '../store/record.ts';
import { findImageFor } from './boot-image.ts';
import type { MachineContext } from './context.ts';
import { createDriverHost } from './driver-host.ts';

/** A stored machine with its driver, open until disposed of. */
export interface Machine extends AsyncDisposable {
  readonly name: string;
  readonly record: MachineRecord;
  readonly driver: Driver;
  readonly files: MachineFiles;
  readonly emit: Emit;
  /** The image the driver asked for since this was opened. */
  bootImage(): BootImage | undefined;
}

/** @throws TmachineError `MACHINE_NOT_FOUND`, `DRIVER_NOT_FOUND`, or what makes its files unreadable. */
export async function openMachine(name: string, context: MachineContext): Promise<Machine> {
  const [record] = await Promise.all([context.store.load(name), context.drivers()]);
  return await openRecord(record, context);
}

/** Opens the driver of a record, stored or not. */
export async function openRecord(record: MachineRecord, context: MachineContext): Promise<Machine> {
  const definition = await findDriver(record.driverName, context);
  const seen: { image?: BootImage } = {};
  const host = hostOf(record, context, (image) => {
    seen.image = image;
  });
  const driver = await definition.open(driverRecord(record), host);
  return {
    name: record.name,
    record,
    driver,
    files: context.store.layout.machine(record.name),
    emit: host.emit,
    bootImage: () => seen.image,
    [Symbol.asyncDispose]: () => driver[Symbol.asyncDispose](),
  };
}

/** The part of a record that its driver may see. */
export function driverRecord(record: MachineRecord): DriverRecord<never> {
  return { name: record.name, data: record.data as never, dataJson: () => formatData(record) };
}

/** What the driver of a record may touch of this computer. */
export function hostOf(
  record: MachineRecord,
  context: MachineContext,
  onImage: (image: BootImage) => void = () => undefined,
): Host {
  const { store, platform, env, signal } = context;
  const emit = context.emitFor(record.name);
  return createDriverHost({
    platform,
    env,
    signal,
    emit,
    directory: store.layout.machine(record.name).directory,
    lockDirectory: store.layout.locks,
    sshClient: context.globals.sshClient,
    bootImage: async (source) => {
      const image = await findImageFor(source, { context, emit });
      onImage(image);
      return image;
    },
    otherMachines: () => otherMachines(record, context),
    saveData: (data, dataJson) => store.save({ ...record, data, dataJson }),
  });
}

/**
 * Runs work on an open machine under its lock, and keeps what the driver learnt even when the work fails. A context of
 * the Docker CLI that the machine has goes along with its address and certificates.
 */
export async function changeMachine<T>(
  name: string,
  context: MachineContext,
  work: (machine: Machine) => Promise<T>,
): Promise<T> {
  await context.store.load(name);
  return await context.store.withMachineLock(name, async () => {
    await using machine = await openMachine(name, context);
    try {
      return await work(machine);
    } finally {
      await saveMachine(machine, context);
      const { refreshContext } = await import('./docker-context.ts');
      await refreshContext(
        name,
        context,
        async () => machine.driver.recordedUrl?.() ?? (await machine.driver.dockerUrl()),
      );
    }
  });
}

/** Writes the record with the driver's newest data. */
export async function saveMachine(machine: Machine, context: MachineContext): Promise<void> {
  const { data, dataJson } = machine.driver;
  await context.store.save({ ...machine.record, data, dataJson });
}

/** @throws TmachineError `VERB_MISSING` when the driver cannot do this. */
export function requireVerb<V extends keyof PowerControls>(machine: Machine, verb: V): PowerControls[V] {
  const control = machine.driver.power[verb] as PowerControls[V] | undefined;
  if (control !== undefined) return control.bind(machine.driver.power) as PowerControls[V];
  throw new TmachineError(
    `Cannot ${verb} "${machine.name}": ${machine.record.driverName} driver does not support ${verb}`,
    { code: 'VERB_MISSING' },
  );
}

async function otherMachines(self: MachineRecord, { store }: MachineContext): Promise<MachineRecord['data'][]> {
  const all = await store.loadAll();
  return all.flatMap(({ name, record }) =>
    record !== undefined && name !== self.name && record.driverName === self.driverName ? [record.data] : [],
  );
}
