import { basename, dirname } from 'node:path';
import { type JsonText, jsonValue, updateJsonText } from './json-text.ts';

/** The version of a file older than 3, and the storage directory that version 3 writes into the driver's values. */
export interface Migration {
  readonly version: number;
  readonly storePath: string;
}

type Values = Readonly<Record<string, unknown>>;

/** The document as version 3 would have written it; what no version knows is kept. */
export function migrateToVersion3(document: JsonText, migration: Migration): JsonText {
  const old = jsonValue(document) as Values;
  const flat = migration.version === 0 ? nestOptions(old) : old;
  const nested = migration.version <= 1 ? nameAuthorityKey(flat) : flat;
  const driver = objectOr(nested['Driver']);
  const next = {
    ConfigVersion: 3,
    Driver: { ...driver, StorePath: migration.storePath },
    DriverName: nested['DriverName'] || 'virtualbox',
    HostOptions: objectOr(nested['HostOptions']),
    Name: nested['Name'] ?? '',
  };
  return updateJsonText(document, next, () => true);
}

/** Version 0 kept certificates and Swarm beside the driver. */
function nestOptions(old: Values): Values {
  const options = objectOr(old['HostOptions']);
  const auth = pick(old, [
    'StorePath',
    'CaCertPath',
    'PrivateKeyPath',
    'ClientKeyPath',
    'ClientCertPath',
    'ServerCertPath',
    'ServerKeyPath',
  ]);
  const swarm = { Host: old['SwarmHost'], Master: old['SwarmMaster'], Discovery: old['SwarmDiscovery'] };
  return {
    ...old,
    Name: old['Name'] ?? basename(String(old['StorePath'] ?? '')),
    HostOptions: {
      ...options,
      EngineOptions: objectOr(options['EngineOptions']),
      SwarmOptions: { ...defined(swarm), ...objectOr(options['SwarmOptions']) },
      AuthOptions: { ...auth, ...objectOr(options['AuthOptions']) },
    },
  };
}

/** Version 1 called the authority's key just the private key, and did not name the folder of certificates. */
function nameAuthorityKey(old: Values): Values {
  const options = objectOr(old['HostOptions']);
  const { PrivateKeyPath, ...auth } = objectOr(options['AuthOptions']);
  const caCert = typeof auth['CaCertPath'] === 'string' ? auth['CaCertPath'] : '';
  const added = { CertDir: caCert === '' ? '' : dirname(caCert), CaPrivateKeyPath: PrivateKeyPath ?? '' };
  return { ...old, HostOptions: { ...options, AuthOptions: { ...added, ...auth } } };
}

function objectOr(value: unknown): Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Values) : {};
}

function pick(values: Values, keys: readonly string[]): Values {
  return defined(Object.fromEntries(keys.map((key) => [key, values[key]])));
}

function defined(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter((entry) => entry[1] !== undefined));
}
