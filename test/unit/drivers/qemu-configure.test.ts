import { describe, expect, test } from 'vitest';
import { qemuDriver } from '../../../drivers/qemu/index.ts';
import { parsePublish } from '../../../drivers/qemu/publish.ts';
import { parseShareFolder } from '../../../drivers/qemu/share-folder.ts';
import { resolveFlags, type TypedFlags } from '../../../src/driver/resolve-flags.ts';

const place = { name: 'dev', storePath: '/store', sshKeyPath: '/store/machines/dev/id_rsa' };
const configure = (typed: TypedFlags) => qemuDriver.configure(resolveFlags(qemuDriver.flags, typed, {}), place);

describe('configure()', () => {
  test("keeps docker-machine's base keys and our own", () => {
    expect(configure({ 'qemu-publish': ['8080:80'], 'qemu-share-folder': ['/src:src:ro'] })).toEqual({
      IPAddress: '',
      MachineName: 'dev',
      SSHUser: 'docker',
      SSHPort: 2222,
      SSHKeyPath: '/store/machines/dev/id_rsa',
      StorePath: '/store',
      SwarmMaster: false,
      SwarmHost: '',
      SwarmDiscovery: '',
      Memory: 2048,
      CPU: 2,
      DiskSize: 20000,
      Boot2DockerURL: '',
      Accel: 'auto',
      FailedAccel: '',
      ShareFolders: ['/src:src:ro'],
      Publish: ['8080:80'],
      Address: '',
      EnginePort: 2376,
      MonitorPort: 0,
      Program: '',
    });
  });

  test.each([
    [{ 'qemu-cpu-count': '0' }, 'Invalid value "0" for --qemu-cpu-count: a machine needs a processor'],
    [{ 'qemu-address': '192.168.1.2' }, '"192.168.1.2" for --qemu-address: it is not a loopback address'],
    [{ 'qemu-address': 'localhost' }, '"localhost" for --qemu-address: it is not an IPv4 address'],
    [{ 'qemu-address': '127.0.0.01' }, 'it is not an IPv4 address'],
    [{ 'qemu-publish': ['80'] }, 'it does not have the form'],
    [{ 'qemu-publish': ['2376:80'] }, 'port 2376 belongs to the machine itself'],
    [{ 'qemu-publish': ['8080:80', '8080:81'] }, 'is given twice'],
    [{ 'qemu-share-folder': ['/a:one', '/b:one'] }, '"one" is given twice'],
    [{ 'qemu-memory': '100' }, 'the least is 256'],
    [{ 'qemu-accel': 'xen' }, 'choose from auto, kvm, hvf, whpx, tcg'],
  ])('refuses %o', (typed, message) => {
    expect(() => configure(typed)).toThrow(message);
  });
});

describe('parsePublish()', () => {
  test.each([
    ['8080:80', { host: undefined, hostPort: 8080, guestPort: 80 }],
    ['127.0.0.1:53:5353', { host: '127.0.0.1', hostPort: 53, guestPort: 5353 }],
  ])('reads %s', (text, expected) => {
    expect(parsePublish(text)).toEqual(expected);
  });

  test.each(['', ':', '80:', '0:80', '80:65536', 'a:80', '1.2.3:80:80', '1:2:3:4', '-1:80'])('refuses "%s"', (text) => {
    expect(() => parsePublish(text)).toThrow(expect.objectContaining({ code: 'QEMU_OPTION_INVALID' }));
  });
});

describe('parseShareFolder()', () => {
  test.each([
    ['/home/me:me', { directory: '/home/me', name: 'me', readOnly: false }],
    ['/data:data:ro', { directory: '/data', name: 'data', readOnly: true }],
    ['/data:data:rw', { directory: '/data', name: 'data', readOnly: false }],
    ['/with:colon:name', { directory: '/with:colon', name: 'name', readOnly: false }],
    ['C:\\Users\\me:home-me', { directory: 'C:\\Users\\me', name: 'home-me', readOnly: false }],
    ['C:/Users:users:ro', { directory: 'C:/Users', name: 'users', readOnly: true }],
  ])('reads %s', (text, expected) => {
    expect(parseShareFolder(text)).toEqual(expected);
  });

  test.each(['', '/a', '/a:', ':x', 'relative:x', '/a:b/c', '/a:etc', '/a:..', `/a:${'n'.repeat(32)}`, '/a:x,y'])(
    'refuses "%s"',
    (text) => {
      expect(() => parseShareFolder(text)).toThrow(expect.objectContaining({ code: 'QEMU_OPTION_INVALID' }));
    },
  );
});
