import { formatDuration, nanosecondsPerMillisecond } from './duration.ts';
import { boolValue, floatValue, intValue, type StructField, stringSlice, stringValue, type Value } from './value.ts';

/** What `ls` knows about one machine: docker-machine's fields by their Go names. */
export interface ListItem {
  readonly Name: string;
  /** `-`, `*`, `* (swarm)` or nothing. */
  readonly Active: string;
  readonly ActiveHost: boolean;
  readonly ActiveSwarm: boolean;
  readonly DriverName: string;
  /** The word: `Running`, `Stopped`, …, or nothing. */
  readonly State: string;
  readonly URL: string;
  /** `HostOptions.SwarmOptions` as stored; null where there is none. */
  readonly SwarmOptions: object | null;
  readonly Swarm: string;
  /** `HostOptions.EngineOptions` as stored; null where there is none. */
  readonly EngineOptions: object | null;
  readonly Error: string;
  readonly DockerVersion: string;
  /** How long the machine took to answer. */
  readonly responseTimeMs: number;
}

/** docker-machine's states in the order of their numbers. */
const states = ['', 'Running', 'Paused', 'Saved', 'Stopped', 'Stopping', 'Starting', 'Error', 'Timeout'];

type FieldType = 'string' | 'bool' | 'int' | 'float64' | '[]string';

/** A field's Go name, its type, and its name in JSON where that differs. */
type FieldSpec = readonly [name: string, type: FieldType, json?: string];

const swarmFields: readonly FieldSpec[] = [
  ['IsSwarm', 'bool'],
  ['Address', 'string'],
  ['Discovery', 'string'],
  ['Agent', 'bool'],
  ['Master', 'bool'],
  ['Host', 'string'],
  ['Image', 'string'],
  ['Strategy', 'string'],
  ['Heartbeat', 'int'],
  ['Overcommit', 'float64'],
  ['ArbitraryFlags', '[]string'],
  ['ArbitraryJoinFlags', '[]string'],
  ['Env', '[]string'],
  ['IsExperimental', 'bool'],
];

const engineFields: readonly FieldSpec[] = [
  ['ArbitraryFlags', '[]string'],
  ['DNS', '[]string', 'Dns'],
  ['GraphDir', 'string'],
  ['Env', '[]string'],
  ['Ipv6', 'bool'],
  ['InsecureRegistry', '[]string'],
  ['Labels', '[]string'],
  ['LogLevel', 'string'],
  ['StorageDriver', 'string'],
  ['SelinuxEnabled', 'bool'],
  ['TLSVerify', 'bool', 'TlsVerify'],
  ['RegistryMirror', '[]string'],
  ['InstallURL', 'string'],
];

/** A row of `ls` as docker-machine hands it to its templates: the Go struct `commands.HostListItem`. */
export function listItemValue(item: ListItem): Value {
  const fields: readonly StructField[] = [
    field('Name', stringValue(item.Name)),
    field('Active', stringValue(item.Active)),
    field('ActiveHost', boolValue(item.ActiveHost)),
    field('ActiveSwarm', boolValue(item.ActiveSwarm)),
    field('DriverName', stringValue(item.DriverName)),
    field('State', stateValue(item.State)),
    field('URL', stringValue(item.URL)),
    field('SwarmOptions', optionsValue('swarm.Options', swarmFields, item.SwarmOptions)),
    field('Swarm', stringValue(item.Swarm)),
    field('EngineOptions', optionsValue('engine.Options', engineFields, item.EngineOptions)),
    field('Error', stringValue(item.Error)),
    field('DockerVersion', stringValue(item.DockerVersion)),
    field('ResponseTime', durationValue(item.responseTimeMs)),
  ];
  return { kind: 'struct', type: 'commands.HostListItem', fields };
}

function field(name: string, value: Value, json?: string): StructField {
  return { name, value, json };
}

function stateValue(text: string): Value {
  const index = states.indexOf(text);
  // A word docker-machine has no number for counts as "no state known" in arithmetic only.
  return { kind: 'int', type: 'state.State', data: BigInt(Math.max(index, 0)), text, json: text };
}

function durationValue(milliseconds: number): Value {
  const nanoseconds = BigInt(Math.round(milliseconds)) * nanosecondsPerMillisecond;
  const whole = Math.round(milliseconds);
  return {
    kind: 'int',
    type: 'time.Duration',
    data: nanoseconds,
    text: formatDuration(nanoseconds),
    methods: {
      Nanoseconds: { kind: 'int', type: 'int64', data: nanoseconds },
      Microseconds: { kind: 'int', type: 'int64', data: nanoseconds / 1000n },
      Milliseconds: { kind: 'int', type: 'int64', data: nanoseconds / nanosecondsPerMillisecond },
      Seconds: floatValue(whole / 1000),
      Minutes: floatValue(whole / 60_000),
      Hours: floatValue(whole / 3_600_000),
    },
  };
}

function optionsValue(type: string, specs: readonly FieldSpec[], stored: object | null): Value {
  const pointer = { kind: 'pointer', type: `*${type}`, fieldNames: specs.map(([name]) => name) } as const;
  if (stored === null) return { ...pointer, target: undefined };
  const fields = specs.map(([name, fieldType, json]) => {
    return field(name, typedValue(fieldType, read(stored, json ?? name)), json);
  });
  return { ...pointer, target: { kind: 'struct', type, fields } };
}

function typedValue(type: FieldType, data: unknown): Value {
  switch (type) {
    case 'string':
      return stringValue(typeof data === 'string' ? data : '');
    case 'bool':
      return boolValue(data === true);
    case 'int':
      return intValue(typeof data === 'number' ? Math.trunc(data) : 0);
    case 'float64':
      return floatValue(typeof data === 'number' ? data : 0);
    case '[]string':
      return stringSlice(Array.isArray(data) ? data.map(String) : null);
  }
}

function read(stored: object, name: string): unknown {
  return Object.hasOwn(stored, name) ? (stored as Readonly<Record<string, unknown>>)[name] : undefined;
}
