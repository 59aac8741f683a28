import { formatDuration } from './duration.ts';
import { boolValue, floatValue, intValue, type StructField, stringSlice, stringValue, type Value } from './value.ts';

/**
 * What `ls` knows about one machine: docker-machine's fields by their Go names. A text in the place of another type
 * stays a text, so that headings can take the place of a row.
 */
export interface ListItem {
  readonly Name: string;
  /** `-`, `*`, `* (swarm)` or nothing. */
  readonly Active: string;
  readonly ActiveHost: boolean | string;
  readonly ActiveSwarm: boolean | string;
  readonly DriverName: string;
  /** The word: `Running`, `Stopped`, …, or nothing. */
  readonly State: string;
  readonly URL: string;
  /** `HostOptions.SwarmOptions` as stored, if there is any. */
  readonly SwarmOptions?: object | string | null | undefined;
  readonly Swarm: string;
  /** `HostOptions.EngineOptions` as stored, if there is any. */
  readonly EngineOptions?: object | string | null | undefined;
  readonly Error: string;
  readonly DockerVersion: string;
  /** How long the machine took to answer, in nanoseconds. */
  readonly ResponseTime: number | string;
  /** When the engine's certificate expires (RFC 3339), which docker-machine does not tell. */
  readonly CertificateExpires?: string | undefined;
  /** Whole days until then. */
  readonly CertificateDaysLeft?: number | string | undefined;
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
    field('ActiveHost', flagValue(item.ActiveHost)),
    field('ActiveSwarm', flagValue(item.ActiveSwarm)),
    field('DriverName', stringValue(item.DriverName)),
    field('State', stateValue(item.State)),
    field('URL', stringValue(item.URL)),
    field('SwarmOptions', optionsValue('swarm.Options', swarmFields, item.SwarmOptions)),
    field('Swarm', stringValue(item.Swarm)),
    field('EngineOptions', optionsValue('engine.Options', engineFields, item.EngineOptions)),
    field('Error', stringValue(item.Error)),
    field('DockerVersion', stringValue(item.DockerVersion)),
    field('ResponseTime', durationValue(item.ResponseTime)),
  ];
  // docker-machine has no such fields, so `{{.}}` and `{{json .}}` must not show them.
  const daysLeft = item.CertificateDaysLeft;
  const methods = {
    CertificateExpires: stringValue(item.CertificateExpires ?? ''),
    CertificateDaysLeft: typeof daysLeft === 'number' ? intValue(daysLeft) : stringValue(daysLeft ?? ''),
  };
  return { kind: 'struct', type: 'commands.HostListItem', fields, methods };
}

function field(name: string, value: Value, json?: string): StructField {
  return { name, value, json };
}

function stateValue(text: string): Value {
  const index = states.indexOf(text);
  // A word docker-machine has no number for counts as "no state known" in arithmetic only.
  return { kind: 'int', type: 'state.State', data: BigInt(Math.max(index, 0)), text, json: text };
}

function flagValue(data: boolean | string): Value {
  return typeof data === 'string' ? stringValue(data) : boolValue(data);
}

function durationValue(data: number | string): Value {
  if (typeof data === 'string') return stringValue(data);
  const nanoseconds = BigInt(Math.round(data));
  return {
    kind: 'int',
    type: 'time.Duration',
    data: nanoseconds,
    text: formatDuration(nanoseconds),
    methods: {
      Nanoseconds: { kind: 'int', type: 'int64', data: nanoseconds },
      Microseconds: { kind: 'int', type: 'int64', data: nanoseconds / 1_000n },
      Milliseconds: { kind: 'int', type: 'int64', data: nanoseconds / 1_000_000n },
      Seconds: floatValue(data / 1e9),
      Minutes: floatValue(data / 60e9),
      Hours: floatValue(data / 3600e9),
    },
  };
}

type Stored = ListItem['SwarmOptions'];

function optionsValue(type: string, specs: readonly FieldSpec[], stored: Stored): Value {
  if (typeof stored === 'string') return stringValue(stored);
  const pointer = { kind: 'pointer', type: `*${type}`, fieldNames: specs.map(([name]) => name) } as const;
  if (stored === null || stored === undefined) return { ...pointer, target: undefined };
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
