import { expect, test } from 'vitest';
import { configureGeneric } from '../../../../drivers/generic/data.ts';
import { genericFlags } from '../../../../drivers/generic/flags.ts';
import { resolveFlags, type TypedFlags } from '../../../../src/driver/resolve-flags.ts';

const place = { name: 'dev', storePath: '/store', sshKeyPath: '/store/machines/dev/id_rsa' };

function configure(typed: TypedFlags, env: Record<string, string> = {}) {
  return configureGeneric(resolveFlags(genericFlags, typed, env), place);
}

test("configureGeneric() keeps docker-machine's keys in its order", () => {
  expect(Object.entries(configure({ 'generic-ip-address': '192.0.2.1', 'generic-ssh-key': '/home/me/key' }))).toEqual([
    ['IPAddress', '192.0.2.1'],
    ['MachineName', 'dev'],
    ['SSHUser', 'root'],
    ['SSHPort', 22],
    ['SSHKeyPath', '/store/machines/dev/id_rsa'],
    ['StorePath', '/store'],
    ['SwarmMaster', false],
    ['SwarmHost', ''],
    ['SwarmDiscovery', ''],
    ['EnginePort', 2376],
    ['SSHKey', '/home/me/key'],
  ]);
});

test("configureGeneric() reads docker-machine's variables; without a key the user's own ones are meant", () => {
  const env = {
    GENERIC_IP_ADDRESS: 'host.example',
    GENERIC_ENGINE_PORT: '2377',
    GENERIC_SSH_USER: 'me',
    GENERIC_SSH_PORT: '2222',
  };
  expect(configure({}, env)).toMatchObject({
    IPAddress: 'host.example',
    EnginePort: 2377,
    SSHUser: 'me',
    SSHPort: 2222,
    SSHKeyPath: '',
    SSHKey: '',
  });
  expect(configure({}, { ...env, GENERIC_SSH_KEY: '~/k' })).toMatchObject({
    SSHKey: '~/k',
    SSHKeyPath: place.sshKeyPath,
  });
});

test.each(['::1', 'fe80::1%eth0', '2001:db8::7', 'a-b.example', '10.0.0.1'])(
  'configureGeneric() takes %s',
  (address) => {
    expect(configure({ 'generic-ip-address': address }).IPAddress).toBe(address);
  },
);

test.each([
  [{}, 'generic driver requires the --generic-ip-address option'],
  [{ 'generic-ip-address': '10.0.0.1:22' }, 'neither an address nor the name of a host'],
  [{ 'generic-ip-address': 'ssh://a' }, 'neither an address nor the name of a host'],
  [{ 'generic-ip-address': '-oProxyCommand=x' }, 'neither an address nor the name of a host'],
  [{ 'generic-ip-address': 'a b' }, 'neither an address nor the name of a host'],
  [{ 'generic-ip-address': 'a', 'generic-ssh-user': '-oX' }, 'no user has such a name'],
  [{ 'generic-ip-address': 'a', 'generic-ssh-user': '' }, 'no user has such a name'],
  [{ 'generic-ip-address': 'a', 'generic-ssh-port': '70000' }, 'the most is 65535'],
])('configureGeneric() refuses %j', (typed, message) => {
  expect(() => configure(typed)).toThrow(message);
});
