import { describe, expect, test } from 'vitest';
import { TmachineError } from '../../../src/errors/tmachine-error.ts';
import { defaultHostOptions } from '../../../src/store/host-options.ts';
import { storeLayout } from '../../../src/store/layout.ts';
import { formatData, formatRecord, isUnchanged, type MachineRecord, parseRecord } from '../../../src/store/record.ts';

const layout = storeLayout('/s', 'linux');
const place = { name: 'dev', path: '/s/machines/dev/config.json', storePath: '/s' };
const dev: MachineRecord = {
  name: 'dev',
  driverName: 'none',
  data: { IPAddress: '', URL: 'tcp://1.2.3.4:2376' },
  options: defaultHostOptions(layout.certs, layout.machine('dev')),
};

test('formatRecord() writes a new machine as docker-machine would', () => {
  expect(formatRecord(dev)).toBe(`{
    "ConfigVersion": 3,
    "Driver": {
        "IPAddress": "",
        "URL": "tcp://1.2.3.4:2376"
    },
    "DriverName": "none",
    "HostOptions": {
        "Driver": "",
        "Memory": 0,
        "Disk": 0,
        "EngineOptions": {
            "ArbitraryFlags": [],
            "Dns": null,
            "GraphDir": "",
            "Env": [],
            "Ipv6": false,
            "InsecureRegistry": [],
            "Labels": [],
            "LogLevel": "",
            "StorageDriver": "",
            "SelinuxEnabled": false,
            "TlsVerify": true,
            "RegistryMirror": [],
            "InstallURL": "https://get.docker.com"
        },
        "SwarmOptions": {
            "IsSwarm": false,
            "Address": "",
            "Discovery": "",
            "Agent": false,
            "Master": false,
            "Host": "tcp://0.0.0.0:3376",
            "Image": "swarm:latest",
            "Strategy": "spread",
            "Heartbeat": 0,
            "Overcommit": 0,
            "ArbitraryFlags": [],
            "ArbitraryJoinFlags": [],
            "Env": null,
            "IsExperimental": false
        },
        "AuthOptions": {
            "CertDir": "/s/certs",
            "CaCertPath": "/s/certs/ca.pem",
            "CaPrivateKeyPath": "/s/certs/ca-key.pem",
            "CaCertRemotePath": "",
            "ServerCertPath": "/s/machines/dev/server.pem",
            "ServerKeyPath": "/s/machines/dev/server-key.pem",
            "ClientKeyPath": "/s/certs/key.pem",
            "ServerCertRemotePath": "",
            "ServerKeyRemotePath": "",
            "ClientCertPath": "/s/certs/cert.pem",
            "ServerCertSANs": [],
            "StorePath": "/s/machines/dev"
        }
    },
    "Name": "dev"
}`);
});

test('formatRecord() gives back the bytes that parseRecord() read, whatever they hold', () => {
  const text = formatRecord(dev)
    .replace('"URL"', '"Big": 123456789012345678901234567890,\n        "Odd\\u0041": 1.50e+2,\n        "URL"')
    .replace('"Memory": 0', '"Memory": 0,\n        "Plugin": {\n            "b": 1,\n            "a": null\n        }')
    .replace('"Name"', '"Extra": [\n        9007199254740993\n    ],\n    "Name"');
  expect(formatRecord(parseRecord(text, place))).toBe(text);
});

test('formatRecord() changes the value of one key and leaves unknown ones alone', () => {
  const text = formatRecord(dev).replace('"URL"', '"Secret\\u003c": 9007199254740993,\n        "URL"');
  const record = parseRecord(text, place);
  const { URL: _url, ...rest } = record.data;
  const changed = { ...record, data: { ...rest, IPAddress: '1.2.3.4', New: 'a<b' } };
  expect(formatRecord(changed)).toBe(
    text
      .replace('"IPAddress": ""', '"IPAddress": "1.2.3.4"')
      .replace('"URL": "tcp://1.2.3.4:2376"', '"URL": "tcp://1.2.3.4:2376",\n        "New": "a\\u003cb"'),
  );
  expect(formatRecord({ ...record, data: { ...record.data, URL: undefined } })).not.toContain('"URL"');
});

test('formatRecord() takes data that another program wrote as they are: keys, order, digits', () => {
  const json = '{"b":18446744073709551557,"a":{"2":"\\u003c","1":null}}';
  const written = formatRecord({ ...dev, data: JSON.parse(json), dataJson: json });
  expect(written).toContain(
    '"Driver": {\n        "b": 18446744073709551557,\n        "a": {\n            "2": "\\u003c",\n            "1": null\n        }\n    }',
  );
  const read = parseRecord(written, place);
  expect(formatData(read).replaceAll(/\s/g, '')).toBe(json);
  expect(isUnchanged({ ...read, dataJson: json })).toBe(true);
  // What it no longer writes is gone.
  expect(formatRecord({ ...read, data: {}, dataJson: '{"b":1}' })).toContain('"Driver": {\n        "b": 1\n    }');
});

test('parseRecord() reads null lists and missing parts as their defaults', () => {
  const text = '{"ConfigVersion":3,"Driver":{},"DriverName":"none","HostOptions":{"EngineOptions":{"Labels":null}}}';
  const { options } = parseRecord(text, place);
  expect(options.EngineOptions.Labels).toEqual([]);
  expect(options.EngineOptions.TlsVerify).toBe(true);
  expect(options.AuthOptions.CaCertPath).toBe('');
});

test.each([
  ['', 'the file is empty'],
  ['{"ConfigVersion": 3, "Dri', 'JSON'],
  ['\u0000\u0001\u0002', 'JSON'],
  ['[]', 'it holds no JSON object'],
  ['{"ConfigVersion": "3"}', '"ConfigVersion" is not a number'],
  ['{"ConfigVersion": 3}', '"Driver" is not an object'],
  ['{"ConfigVersion": 3, "Driver": {}, "DriverName": "none"}', '"HostOptions" is not an object'],
  [
    '{"ConfigVersion": 3, "Driver": {}, "DriverName": "none", "HostOptions": {"Memory": "1"}}',
    'Memory" is not a number',
  ],
  [`{"ConfigVersion": 3, "Driver": ${'['.repeat(3000)}${']'.repeat(3000)}}`, 'levels deep'],
])('parseRecord() refuses %j and names the file', (text, reason) => {
  expect(() => parseRecord(text, place)).toThrow(TmachineError);
  expect(() => parseRecord(text, place)).toThrow(reason);
  expect(() => parseRecord(text, place)).toThrow(place.path);
});

test('parseRecord() refuses a version from the future in docker-machine words', () => {
  expect(() => parseRecord('{"ConfigVersion": 4}', place)).toThrow(
    'config version is from the future -- you should upgrade your tmachine client',
  );
});

test('parseRecord() reads the flat file of version 0 and writes version 3', () => {
  const old = {
    DriverName: 'none',
    Driver: { URL: 'tcp://1.2.3.4:2376' },
    StorePath: '/old/machines/dev',
    CaCertPath: '/old/certs/ca.pem',
    PrivateKeyPath: '/old/certs/ca-key.pem',
    SwarmMaster: true,
  };
  const text = JSON.stringify(old);
  const record = parseRecord(text, place);
  expect(record.migratedFrom).toBe(text);
  expect(record.options.AuthOptions).toMatchObject({
    CertDir: '/old/certs',
    CaCertPath: '/old/certs/ca.pem',
    CaPrivateKeyPath: '/old/certs/ca-key.pem',
    StorePath: '/old/machines/dev',
  });
  expect(record.options.SwarmOptions.Master).toBe(true);
  expect(record.data).toEqual({ URL: 'tcp://1.2.3.4:2376', StorePath: '/s' });
  expect(JSON.parse(formatRecord(record))).toMatchObject({ ConfigVersion: 3, Name: 'dev', SwarmMaster: true });
});

test('parseRecord() names the authority key of version 1', () => {
  const auth = { CaCertPath: '/c/ca.pem', PrivateKeyPath: '/c/ca-key.pem' };
  const text = JSON.stringify({ ConfigVersion: 1, Driver: {}, DriverName: 'none', HostOptions: { AuthOptions: auth } });
  expect(parseRecord(text, place).options.AuthOptions).toMatchObject({
    CertDir: '/c',
    CaPrivateKeyPath: '/c/ca-key.pem',
  });
});

describe('files older than version 3', () => {
  // Every field that docker-machine's versions 0 to 2 had.
  const paths = {
    CaCertPath: '/c/ca.pem',
    ClientKeyPath: '/c/key.pem',
    ClientCertPath: '/c/cert.pem',
    ServerCertPath: '/s/machines/dev/server.pem',
    ServerKeyPath: '/s/machines/dev/server-key.pem',
    StorePath: '/old/machines/dev',
  };
  const driver = { IPAddress: '1.2.3.4', Odd: 9007199254740993n };
  const swarm = { Host: 'tcp://0.0.0.0:3376', Master: true, Discovery: 'token://1' };
  const v0 = {
    Driver: driver,
    DriverName: 'virtualbox',
    ...paths,
    PrivateKeyPath: '/c/ca-key.pem',
    SwarmHost: swarm.Host,
    SwarmMaster: swarm.Master,
    SwarmDiscovery: swarm.Discovery,
  };
  const nested = (auth: object) => ({
    Driver: driver,
    DriverName: 'virtualbox',
    HostOptions: {
      Memory: 1,
      EngineOptions: { Labels: ['a=b'], GraphDir: '/g' },
      SwarmOptions: swarm,
      AuthOptions: auth,
    },
    Name: 'dev',
  });
  const toText = (value: object): string =>
    JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? `big${each}` : each)).replace(/"big(\d+)"/g, '$1');

  test.each([
    ['0', v0],
    ['0 by name', { ConfigVersion: 0, ...v0 }],
    ['1', { ConfigVersion: 1, ...nested({ ...paths, PrivateKeyPath: '/c/ca-key.pem' }) }],
    ['2', { ConfigVersion: 2, ...nested({ ...paths, CertDir: '/c', CaPrivateKeyPath: '/c/ca-key.pem' }) }],
  ])('are read and written as version 3: %s', (version, value) => {
    const text = toText(value);
    const record = parseRecord(text, place);
    expect(record.migratedFrom).toBe(text);
    expect(isUnchanged(record)).toBe(false);
    expect(record.data).toMatchObject({ IPAddress: '1.2.3.4', StorePath: '/s' });
    expect(record.options.AuthOptions).toMatchObject({ ...paths, CertDir: '/c', CaPrivateKeyPath: '/c/ca-key.pem' });
    expect(record.options.SwarmOptions).toMatchObject(swarm);
    const written = formatRecord(record);
    expect(written).toContain('"Odd": 9007199254740993');
    expect(JSON.parse(written)).toMatchObject({ ConfigVersion: 3, DriverName: 'virtualbox', Name: 'dev' });
    if (!version.startsWith('0'))
      expect(record.options.EngineOptions).toMatchObject({ Labels: ['a=b'], GraphDir: '/g' });
    // Once written it is a file of version 3 like any other.
    expect(formatRecord(parseRecord(written, place))).toBe(written);
  });
});
