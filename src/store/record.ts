import { messageOf, TmachineError } from '../errors/tmachine-error.ts';
import { type HostOptions, missingHostOptions } from './host-options.ts';
import { formatJsonText, type JsonText, jsonValue, parseJsonText, toJsonText, updateJsonText } from './json-text.ts';
import { migrateToVersion3 } from './migrate.ts';

/** A JSON object; how deep types go is the driver's affair. */
type JsonData = { readonly [key: string]: unknown };

/** What the store keeps about one machine. Two records are told apart by their content alone. */
export interface MachineRecord {
  readonly name: string;
  readonly driverName: string;
  /** Owned by the driver. A key it leaves out keeps its stored value, one it sets to `undefined` is deleted. */
  readonly data: JsonData;
  /** The same as JSON, of a driver whose keys, numbers and order another program has chosen: it takes the place of what is stored. */
  readonly dataJson?: string | undefined;
  readonly options: HostOptions;
  /** What was read from the file, so that what we do not know survives. Missing for a new machine. */
  readonly source?: JsonText | undefined;
  /** The text of the file, where an older version wrote it. */
  readonly migratedFrom?: string | undefined;
}

/** Where a file is and whose it is, for messages and migrations. */
export interface RecordPlace {
  readonly name: string;
  readonly path: string;
  /** The storage directory. */
  readonly storePath: string;
}

/**
 * Reads a `config.json` of any version that docker-machine wrote.
 *
 * @throws TmachineError `CONFIG_UNREADABLE`, `CONFIG_FROM_FUTURE`, both naming the file.
 */
export function parseRecord(text: string, place: RecordPlace): MachineRecord {
  const written = parseDocument(text, place);
  const version = configVersion(written, place);
  const source = version < 3 ? migrateToVersion3(written, { version, storePath: place.storePath }) : written;
  const { Driver, DriverName, HostOptions: options } = jsonValue(source) as Record<string, unknown>;
  if (!isObject(Driver)) throw unreadable(place, '"Driver" is not an object');
  if (typeof DriverName !== 'string' || DriverName === '') throw unreadable(place, '"DriverName" is missing');
  if (!isObject(options)) throw unreadable(place, '"HostOptions" is not an object');
  return {
    name: place.name,
    driverName: DriverName,
    data: Driver,
    options: fillIn(options, missingHostOptions(), { place, at: 'HostOptions' }) as HostOptions,
    source,
    ...(version < 3 ? { migratedFrom: text } : {}),
  };
}

/** The text of a record's `config.json`, version 3: four spaces, docker-machine's key order, no line feed at the end. */
export function formatRecord(record: MachineRecord): string {
  return formatJsonText(toDocument(record));
}

/** The driver's data of a record as JSON, digit by digit as they were stored. */
export function formatData(record: MachineRecord): string {
  return formatJsonText(driverOf(toDocument(record)) ?? toJsonText({}));
}

/** Whether a record is what its file holds already, however that is laid out. */
export function isUnchanged(record: MachineRecord): boolean {
  return record.migratedFrom === undefined && record.source !== undefined && toDocument(record) === record.source;
}

function toDocument(record: MachineRecord): JsonText {
  const value = {
    ConfigVersion: 3,
    Driver: record.data,
    DriverName: record.driverName,
    HostOptions: record.options,
    Name: record.name,
  };
  const document = updateJsonText(record.source ?? newDocument(), value, keepsUnknown);
  return record.dataJson === undefined ? document : replaceDriver(document, parseJsonText(record.dataJson));
}

function driverOf(document: JsonText): JsonText | undefined {
  if (document.kind !== 'object') return undefined;
  return document.members.find(({ key }) => key === 'Driver')?.value;
}

/** The document itself where nothing is new. */
function replaceDriver(document: JsonText, driver: JsonText): JsonText {
  const before = driverOf(document);
  if (document.kind !== 'object' || before === undefined) return document;
  if (formatJsonText(before) === formatJsonText(driver)) return document;
  const members = document.members.map((member) => (member.value === before ? { ...member, value: driver } : member));
  return { kind: 'object', members };
}

/** docker-machine never fills these two lists, and Go writes a list that was never filled as `null`. */
function newDocument(): JsonText {
  const options = missingHostOptions();
  const EngineOptions = { ...options.EngineOptions, Dns: null };
  const SwarmOptions = { ...options.SwarmOptions, Env: null };
  const HostOptions = { ...options, EngineOptions, SwarmOptions };
  return toJsonText({ ConfigVersion: 3, Driver: {}, DriverName: '', HostOptions, Name: '' });
}

/** Inside a driver's values only the driver knows what a missing key means. */
function keepsUnknown(path: readonly string[]): boolean {
  return path[0] !== 'Driver' || path.length === 1;
}

function parseDocument(text: string, place: RecordPlace): JsonText {
  if (text.trim() === '') throw unreadable(place, 'the file is empty');
  try {
    return parseJsonText(text);
  } catch (error) {
    throw unreadable(place, messageOf(error), error);
  }
}

/** A file without a version is the oldest kind. */
function configVersion(document: JsonText, place: RecordPlace): number {
  const value = jsonValue(document);
  if (!isObject(value)) throw unreadable(place, 'it holds no JSON object');
  const version = value['ConfigVersion'] ?? 0;
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 0)
    throw unreadable(place, '"ConfigVersion" is not a number');
  if (version <= 3) return version;
  throw new TmachineError(
    `Cannot read machine "${place.name}": config version is from the future -- you should upgrade your tmachine client (${place.path} has version ${version})`,
    { code: 'CONFIG_FROM_FUTURE' },
  );
}

function unreadable(place: RecordPlace, reason: string, cause?: unknown): TmachineError {
  return new TmachineError(`Cannot read machine "${place.name}": ${place.path}: ${reason}`, {
    code: 'CONFIG_UNREADABLE',
    hint: `repair the file, or remove the machine with "tmachine rm -f ${place.name}"`,
    cause,
  });
}

/** The value in the shape of the template: a missing or `null` part is the template's own. */
function fillIn(value: unknown, template: unknown, where: { place: RecordPlace; at: string }): unknown {
  if (value === undefined || value === null) return template;
  if (Array.isArray(template)) {
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
    throw unreadable(where.place, `"${where.at}" is not a list of texts`);
  }
  if (isObject(template)) {
    if (!isObject(value)) throw unreadable(where.place, `"${where.at}" is not an object`);
    return Object.fromEntries(
      Object.entries(template).map(([key, part]) => [
        key,
        fillIn(value[key], part, { ...where, at: `${where.at}.${key}` }),
      ]),
    );
  }
  if (typeof value === typeof template) return value;
  throw unreadable(where.place, `"${where.at}" is not a ${typeof template}`);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
