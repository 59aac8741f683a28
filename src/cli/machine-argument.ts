import { TmachineError } from '../errors/tmachine-error.ts';
import type { MachineStore } from '../store/machine-store.ts';

const defaultName = 'default';

/** @throws TmachineError `ARGUMENTS` when there are any. */
export function noArguments(args: readonly string[]): void {
  if (args.length > 0) throw wrong('Error: Too many arguments given');
}

/** The one machine named, or "default". @throws TmachineError `ARGUMENTS`. */
export async function oneMachine(args: readonly string[], store: MachineStore): Promise<string> {
  if (args.length > 1) throw wrong('Error: Expected one machine name as an argument');
  return args[0] ?? (await defaultMachine(store));
}

/** The machines named, each once, or "default". @throws TmachineError `ARGUMENTS`. */
export async function someMachines(args: readonly string[], store: MachineStore): Promise<readonly string[]> {
  return args.length > 0 ? [...new Set(args)] : [await defaultMachine(store)];
}

/** The machines named, each once; never "default" unasked. @throws TmachineError `ARGUMENTS`. */
export function namedMachines(args: readonly string[]): readonly string[] {
  if (args.length === 0) throw wrong('Error: Expected to get one or more machine names as arguments');
  return [...new Set(args)];
}

/** The name of a machine that is to be made. @throws TmachineError `ARGUMENTS`. */
export function newMachine(args: readonly string[]): string {
  const [name, ...extra] = args;
  if (name === undefined) throw wrong('Error: No machine name specified');
  if (extra.length > 0) throw wrong(`Invalid command line. Found extra arguments [${extra.join(' ')}]`);
  return name;
}

async function defaultMachine(store: MachineStore): Promise<string> {
  if ((await store.names()).includes(defaultName)) return defaultName;
  throw wrong('Error: No machine name(s) specified and no "default" machine exists');
}

function wrong(message: string): TmachineError {
  return new TmachineError(message, { code: 'ARGUMENTS' });
}
