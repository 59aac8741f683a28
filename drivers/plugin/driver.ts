import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Driver,
  type DriverRecord,
  type GuestAccess,
  type Host,
  type JsonObject,
  type MachineState,
  TmachineError,
} from 'tmachine/driver';
import { PluginMachine } from './machine.ts';
import type { Plugin } from './start.ts';

/** docker-machine's `state.State`, in its order. */
const states: readonly MachineState[] = [
  '',
  'Running',
  'Paused',
  'Saved',
  'Stopped',
  'Stopping',
  'Starting',
  'Error',
  'Timeout',
];
const standardPort = 2376;
const saveEveryMs = 1000;

/** A driver that another program is. It runs from the first question until the machine is closed. */
export function openPluginDriver(
  record: DriverRecord,
  context: { readonly host: Host; readonly plugin: Plugin },
): Driver<JsonObject> {
  const machine = new PluginMachine(record, context);
  const url: LastUrl = { last: undefined };
  const state = async (): Promise<MachineState> => states[await machine.ask('GetState', (c) => c.state())] ?? 'Error';
  return {
    get data() {
      return machine.data;
    },
    get dataJson() {
      return machine.dataJson;
    },
    preflight: async () => await machine.act('PreCreateCheck'),
    create: async () => await savingMeanwhile(machine, context.host, () => machine.act('Create')),
    remove: async () => await machine.act('Remove'),
    state,
    dockerUrl: async () => {
      url.last = await askUrl(machine, state);
      return url.last;
    },
    recordedUrl: () => recordedUrl(machine.data, url),
    power: {
      start: async () => await machine.act('Start'),
      stop: async () => await machine.act('Stop'),
      restart: async () => await machine.act('Restart'),
      kill: async () => await machine.act('Kill'),
    },
    guest: guestOf(machine, url),
    [Symbol.asyncDispose]: async () => await machine[Symbol.asyncDispose](),
  };
}

/** What the plugin said last; its port is where the engine must listen. */
interface LastUrl {
  last: string | undefined;
}

/** A plugin refuses to tell the URL of a machine that is off, each in its own words. */
async function askUrl(machine: PluginMachine, state: () => Promise<MachineState>): Promise<string | undefined> {
  try {
    return (await machine.ask('GetURL', (client) => client.ask('GetURL'))) || undefined;
  } catch (error) {
    if (!(error instanceof TmachineError) || error.code !== 'PLUGIN_REFUSED') throw error;
    if ((await state()) === 'Running') throw error;
    return undefined;
  }
}

function recordedUrl(data: JsonObject, url: LastUrl): string | undefined {
  if (url.last !== undefined) return url.last;
  const address = data['IPAddress'];
  if (typeof address !== 'string' || address === '') return undefined;
  return `tcp://${address.includes(':') ? `[${address}]` : address}:${enginePort(data, url)}`;
}

function enginePort(data: JsonObject, { last }: LastUrl): number {
  const told = last !== undefined && URL.canParse(last) ? Number(new URL(last).port) : 0;
  const kept = data['EnginePort'];
  return told || (typeof kept === 'number' && kept) || standardPort;
}

function guestOf(machine: PluginMachine, url: LastUrl): GuestAccess {
  const text = async (method: 'GetIP' | 'GetSSHHostname' | 'GetSSHUsername' | 'GetSSHKeyPath') =>
    await machine.ask(method, (client) => client.ask(method));
  return {
    address: async () => await text('GetIP'),
    ssh: async () => ({
      host: await text('GetSSHHostname'),
      port: await machine.ask('GetSSHPort', (client) => client.sshPort()),
      user: await text('GetSSHUsername'),
      identityFile: await text('GetSSHKeyPath'),
    }),
    get enginePort() {
      return enginePort(machine.data, url);
    },
  };
}

/** What a plugin has made elsewhere, such as an instance in a cloud, can only be removed if its name survives us. */
async function savingMeanwhile(machine: PluginMachine, host: Host, work: () => Promise<void>): Promise<void> {
  const ending = new AbortController();
  const saving = (async () => {
    while (!ending.signal.aborted) {
      await sleep(saveEveryMs, undefined, { signal: ending.signal }).catch(() => undefined);
      if (!ending.signal.aborted && (await machine.learn())) await host.saveData(machine.data, machine.dataJson);
    }
  })().catch(() => undefined);
  try {
    await work();
  } finally {
    ending.abort();
    await saving;
  }
}
