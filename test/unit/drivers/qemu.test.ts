import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type AcceleratorFacts, chooseAccelerator, parseCpuFlags } from '../../../drivers/qemu/accelerator.ts';
import { machineAddresses } from '../../../drivers/qemu/address.ts';
import { qemuArguments } from '../../../drivers/qemu/command-line.ts';
import type { QemuData } from '../../../drivers/qemu/data.ts';
import { explainQemuFailure } from '../../../drivers/qemu/failures.ts';
import { qemuDriver } from '../../../drivers/qemu/index.ts';
import { parseQemuVersion } from '../../../drivers/qemu/program.ts';
import { QmpConnection } from '../../../drivers/qemu/qmp.ts';
import { formatConsole } from '../../../src/driver/format-console.ts';
import { resolveFlags } from '../../../src/driver/resolve-flags.ts';
import { connectLocal } from '../../../src/host/connect.ts';

const place = { name: 'dev', storePath: '/store', sshKeyPath: '/store/machines/dev/id_rsa' };
const configured = qemuDriver.configure(resolveFlags(qemuDriver.flags, {}, {}), place) as QemuData;
const data: QemuData = { ...configured, IPAddress: '127.0.99.100' };
const tcg = { platform: 'linux', accelerator: 'tcg', cpuCount: 2, sandbox: true } as const;

describe('qemuArguments()', () => {
  test('describes a whole machine', () => {
    const args = qemuArguments({ ...data, Publish: ['8080:80', '0.0.0.0:90:91'] }, tcg).join(' ');
    expect(args).toContain('-name dev -nodefaults -no-user-config');
    expect(args).toContain('-accel tcg,thread=multi -cpu max -smp 2 -m 2048');
    expect(args).toContain(
      '-netdev user,id=net,ipv6=off,hostfwd=tcp:127.0.99.100:2376-:2376,hostfwd=tcp:127.0.99.100:2222-:22,' +
        'hostfwd=tcp:127.0.99.100:8080-:80,hostfwd=tcp:0.0.0.0:90-:91',
    );
    expect(args).toContain('-qmp unix:qmp.sock,server=on,wait=off -pidfile qemu.pid');
    expect(args).toContain('-sandbox on,');
  });

  test('shares folders with commas doubled, read-only where asked', () => {
    const args = qemuArguments({ ...data, ShareFolders: ['/a,b:one', '/c:two:ro'] }, { ...tcg, sandbox: false });
    expect(args).toContain('local,id=share0,path=/a,,b,security_model=none,multidevs=remap');
    expect(args).toContain('local,id=share1,path=/c,security_model=none,multidevs=remap,readonly=on');
    expect(args).toContain('virtio-9p-pci,fsdev=share1,mount_tag=two');
    expect(args).not.toContain('-sandbox');
  });

  test('gives the guest the real processor under KVM', () => {
    expect(qemuArguments(data, { ...tcg, accelerator: 'kvm' }).join(' ')).toContain('-accel kvm -cpu host');
  });

  test('has a monitor port where there are no Unix sockets', () => {
    const args = qemuArguments({ ...data, MonitorPort: 4444 }, { ...tcg, platform: 'win32', accelerator: 'whpx' });
    expect(args).toContain('tcp:127.0.0.1:4444,server=on,wait=off');
    expect(args).toContain('whpx,kernel-irqchip=off');
  });
});

describe('chooseAccelerator()', () => {
  const good: AcceleratorFacts = {
    platform: 'linux',
    offered: ['tcg', 'kvm'],
    hasVirtualizationFlag: true,
    canOpenKvm: true,
    failed: '',
  };

  test.each([
    [good, 'kvm'],
    [{ ...good, platform: 'darwin', offered: ['hvf', 'tcg'] } as const, 'hvf'],
    [{ ...good, platform: 'win32', offered: ['whpx', 'tcg'] } as const, 'whpx'],
    [{ ...good, failed: 'hvf' }, 'kvm'],
  ])('takes the accelerator that all facts speak for: %o', (facts, expected) => {
    expect(chooseAccelerator(facts)).toEqual({ accelerator: expected });
  });

  test.each([
    [{ ...good, hasVirtualizationFlag: false }, 'neither vmx nor svm'],
    [{ ...good, canOpenKvm: false }, 'may not open /dev/kvm'],
    [{ ...good, offered: ['tcg'] }, 'built without kvm'],
    [{ ...good, failed: 'kvm' }, 'did not start under kvm before'],
    [{ ...good, platform: 'freebsd' } as const, 'has none on freebsd'],
  ])('goes without and says why: %o', (facts, reason) => {
    expect(chooseAccelerator(facts)).toEqual({ accelerator: 'tcg', reason: expect.stringContaining(reason) });
  });
});

test.each([
  ['flags\t\t: fpu vme svm sse', true],
  ['processor\t: 0\nflags\t\t: fpu vmx', true],
  ['flags\t\t: fpu hypervisor\nvmx flags\t: vnmi', false],
  ['', false],
])('parseCpuFlags() reads %o as %s', (cpuinfo, expected) => {
  expect(parseCpuFlags(cpuinfo)).toBe(expected);
});

test('machineAddresses() begins with 127.0.99.100 and goes past the end of that network', () => {
  const addresses = machineAddresses();
  expect(addresses.slice(0, 2)).toEqual(['127.0.99.100', '127.0.99.101']);
  expect(addresses[155]).toBe('127.0.100.1');
  expect(new Set(addresses).size).toBe(addresses.length);
});

test.each([
  ['QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg)\nCopyright', { text: '7.2.22', major: 7, minor: 2 }],
  ['QEMU emulator version 10.0.2', { text: '10.0.2', major: 10, minor: 0 }],
  ['Some other program 1.0', undefined],
])('parseQemuVersion() reads %o', (output, expected) => {
  expect(parseQemuVersion(output)).toEqual(expected);
});

// As printed by QEMU 7.2.
test.each([
  [
    "-netdev user: Could not set up host forwarding rule 'tcp:127.0.99.77:2376-:2376'",
    'PORT_TAKEN',
    '127.0.99.77:2376',
  ],
  ["cannot set up guest memory 'pc.ram': Cannot allocate memory", 'NO_MEMORY', 'not enough memory'],
  ["Could not open 'disk.img': No such file or directory", 'QEMU_FILE_MISSING', 'disk.img cannot be opened: No such'],
  ['Failed to get "write" lock\nIs another process using the image [disk.img]?', 'QEMU_DISK_LOCKED', 'another QEMU'],
  [
    'cannot create PID file: Cannot lock pid file: Resource temporarily unavailable',
    'QEMU_DISK_LOCKED',
    'another QEMU',
  ],
  ['Could not access KVM kernel module: Permission denied', 'QEMU_ACCELERATOR', 'may not be opened by this user'],
  [
    'Could not access KVM kernel module: No such file or directory',
    'QEMU_ACCELERATOR',
    'KVM is not available: No such',
  ],
  ['-accel hvf: invalid accelerator hvf', 'QEMU_ACCELERATOR', 'no accelerator hvf'],
  ['error: failed to set MSR 0x10a to 0x69', 'QEMU_ACCELERATOR', 'failed to set MSR 0x10a'],
  ["CPU model 'host' requires KVM or HVF", 'QEMU_ACCELERATOR', 'requires KVM or HVF'],
  ["cannot initialize fsdev 's': failed to open '/x': No such file or directory", 'QEMU_SHARE_FAILED', '"/x" cannot'],
  ["Invalid SMP CPUs 500. The max CPUs supported by machine 'pc-q35-7.2' is 288", 'QEMU_TOO_MANY_CPUS', '288'],
  ['-bogus: invalid option', 'QEMU_TOO_OLD', '-bogus: invalid option'],
  ["-device x: 'x' is not a valid device model name", 'QEMU_TOO_OLD', 'not a valid device model name'],
  ["-sandbox on: There is no option group 'sandbox'", 'QEMU_NO_SANDBOX', 'seccomp'],
  ['a\nb\nsomething new', 'QEMU_FAILED', 'QEMU ended at once:\na\nb\nsomething new'],
  ['', 'QEMU_FAILED', 'QEMU ended at once'],
])('explainQemuFailure() explains %o', (stderr, code, message) => {
  const failure = explainQemuFailure(stderr, { name: 'dev' });
  expect(failure).toMatchObject({ code, message: expect.stringContaining(message) });
  expect(failure.message).toMatch(/^Cannot start "dev": /);
});

describe('formatConsole()', () => {
  test('gives the last lines without control sequences', () => {
    const text = '\x1b[2J\x1b[1;1Hboot:\r\nLinux \x1b[32mok\x1b[0m\r\n\r\ntmachine: init\r\n\r\n';
    expect(formatConsole(text, 3)).toEqual(['Linux ok', '', 'tmachine: init']);
  });

  test('gives nothing for an empty console', () => {
    expect(formatConsole('', 5)).toEqual([]);
  });
});

describe('QmpConnection', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  const connectTo = async (serve: (socket: Socket) => void): Promise<Socket> => {
    const server = createServer(serve);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const bound = server.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
    return await connectLocal({ address: '127.0.0.1', port }, process.platform);
  };
  const greeting = '{"QMP": {"version": {}}}\r\n';

  test('copes with answers in pieces, events between them and text that is not JSON', async () => {
    const socket = await connectTo((peer) => {
      peer.write(greeting);
      peer.on('data', (bytes) => {
        const { id, execute } = JSON.parse(bytes.toString());
        peer.write('{"event": "RESUME"}\r\nnoise\r\n{"return": {"sta');
        setTimeout(() => peer.write(`tus": "${execute}"}, "id": ${id}}\r\n{"event": "STOP"}\r\n`), 5);
      });
    });
    await using qmp = await QmpConnection.open(socket, 1000);
    expect(await qmp.execute('query-status')).toEqual({ status: 'query-status' });
    await qmp.executeUntil('stop', 'STOP');
  });

  test('passes on what QEMU refuses', async () => {
    const socket = await connectTo((peer) => {
      peer.write(greeting);
      peer.on('data', (bytes) => {
        const { id, execute } = JSON.parse(bytes.toString());
        const answer = execute === 'qmp_capabilities' ? { return: {} } : { error: { desc: 'no such command' } };
        peer.write(`${JSON.stringify({ ...answer, id })}\r\n`);
      });
    });
    await using qmp = await QmpConnection.open(socket, 1000);
    await expect(qmp.executeUntil('dance', 'DANCED')).rejects.toMatchObject({
      code: 'QMP_REFUSED',
      message: 'QEMU refused "dance": no such command',
    });
  });

  test.each([
    ['says nothing', () => undefined],
    ['hangs up', (peer: Socket) => peer.destroy()],
  ])('reports a monitor that %s', async (_case, serve) => {
    const socket = await connectTo(serve);
    await expect(QmpConnection.open(socket, 50)).rejects.toMatchObject({ code: 'QMP_SILENT' });
  });
});
