import { closeSync, mkdirSync, openSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callVBoxManage } from '../../fakes/vboxmanage/call.js';
import { makeTempFolder } from '../../support/temp-folder.ts';
import { type Recording, recordings } from '../../support/virtualbox-recordings.ts';

// The stand-in answers every authentic recording as the real program did, in their order. Left out are 206, of which the
// recordings' README says that it is not authentic, and 339, which is another program's.
const leftOut = ['206-', '339-'];
const replayed = recordings.filter(({ name }) => !leftOut.some((start) => name.startsWith(start)));

const folder = await makeTempFolder();
const home = join(folder.path, 'home');
const share = join(folder.path, 'share');
const anyRange = join(folder.path, 'networks.conf');

beforeAll(() => {
  const machine = join(home, '.docker', 'machine', 'machines', 'default');
  for (const path of [machine, join(home, 'other'), share]) mkdirSync(path, { recursive: true });
  for (const path of [join(machine, 'boot2docker.iso'), join(home, 'test3.iso')]) writeFileSync(path, isoImage());
  writeFileSync(anyRange, '* 0.0.0.0/0\n');
});
afterAll(() => folder[Symbol.asyncDispose]());

/** What an ISO 9660 file has to have. */
function isoImage(): Buffer {
  const image = Buffer.alloc(65_536);
  image.write('\x01CD001\x01', 32_768, 'latin1');
  return image;
}

type Settings = Readonly<Record<string, string>>;

async function call(argv: readonly string[], settings: Settings, stdin = 0): ReturnType<typeof callVBoxManage> {
  const path = join(folder.path, 'stdin');
  writeFileSync(path, '');
  truncateSync(path, stdin);
  const input = openSync(path, 'r');
  try {
    return await callVBoxManage({ argv: argv.map(toHere), env: { HOME: home, ...settings }, input });
  } finally {
    closeSync(input);
  }
}

function toHere(text: string): string {
  return text.replaceAll('/home/user', home).replaceAll('/home/docker-share', share);
}

/** Without what differs from computer to computer and from time to time. */
function steady(text: string): string {
  return text
    .replaceAll(home, '/home/user')
    .replaceAll(share, '/home/docker-share')
    .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'UUID')
    .replace(/\b080027[0-9A-F]{6}\b/g, 'MAC')
    .replace(/\d{4}-\d\d-\d\dT\d\d[:-]\d\d[:-]\d\d[.-]\d+Z?/g, 'TIME')
    .replace(/(Facility_.*=\d+),\d+/g, '$1,TIME')
    .replace(/Size on disk: .*/, 'Size on disk: SIZE');
}

/** Replays a recording; `settings` are the circumstances under which it was made. */
async function replay({ argv, code, stdout, stderr, stdin }: Recording, settings: Settings): Promise<void> {
  const answer = await call(argv.slice(1), settings, Number.parseInt(stdin ?? '0', 10));
  expect({ code: answer.code, stderr: steady(answer.stderr), stdout: steady(answer.stdout) }).toEqual({
    ...{ code, stderr: steady(stderr), stdout: steady(stdout) },
  });
}

/** The recordings of these numbers, with their names as titles. */
function series(from: number, to: number): readonly (readonly [string, Recording])[] {
  const isIn = (number: number) => number >= from && number <= to;
  return replayed.filter(({ name }) => isIn(Number(name.slice(0, 3)))).map((recording) => [recording.name, recording]);
}

describe('VBoxManage in fakes answers as the real one on a computer without kernel modules', () => {
  const settings = { VBOX_USER_HOME: join(folder.path, 'settings'), FAKE_VBOX_HWVIRT: 'no' };
  const circumstances: Readonly<Record<string, Settings>> = {
    '147-startvm-hostonly-missing': { FAKE_VBOX_KERNEL: 'driverless' },
    '208-hostonlyif-create-second': { FAKE_VBOX_KERNEL: 'one-adapter' },
    '215-startvm-hostonly-existing': { FAKE_VBOX_KERNEL: 'driverless' },
  };

  test.each(series(1, 155))('%s', async (name, recording) => {
    await replay(recording, { ...settings, FAKE_VBOX_KERNEL: 'none', ...circumstances[name] });
  });

  // Their adapters are bridges and the check of ranges was switched off.
  test.each(series(201, 206))('%s', async (name, recording) => {
    await replay(recording, { ...settings, FAKE_VBOX_NETWORKS_CONF: anyRange, ...circumstances[name] });
  });

  test('206 is not compared, and what follows needs it', async () => {
    const argv = ['hostonlyif', 'ipconfig', 'vboxnet0', '--ip', '172.30.0.1', '--netmask', '255.255.255.0'];
    expect(await call(argv, { ...settings, FAKE_VBOX_NETWORKS_CONF: anyRange })).toMatchObject({ code: 0 });
    expect(await call(argv, { ...settings, FAKE_VBOX_NETWORKS_CONF: '/nowhere' })).toMatchObject({ code: 1 });
  });

  test.each(series(207, 219))('%s', async (name, recording) => {
    await replay(recording, { ...settings, FAKE_VBOX_NETWORKS_CONF: anyRange, ...circumstances[name] });
  });
});

describe('VBoxManage in fakes answers as the real one on machines that run', () => {
  const settings = { VBOX_USER_HOME: join(folder.path, 'running'), FAKE_VBOX_ADDITIONS: '6.0.0 r127566' };
  const circumstances: Readonly<Record<string, Settings>> = {
    '338-startvm-stock-stub-no-vboxdrv': { FAKE_VBOX_KERNEL: 'none' },
  };
  let busy: Server;

  beforeAll(async () => {
    busy = createServer();
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
    const address = busy.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    for (const argv of preparations(String(port))) {
      expect(await call(argv, settings), argv.join(' ')).toMatchObject({ code: 0 });
    }
  });
  afterAll(() => busy.close());

  test.each(series(301, 344))('%s', async (name, recording) => {
    await replay(recording, { ...settings, ...circumstances[name] });
  });

  test('startvm tells of a busy port in VBox.log only', () => {
    const log = readFileSync(join(home, 'VirtualBox VMs', 'gl1', 'Logs', 'VBox.log.1'), 'utf8');
    expect(log).toMatch(/failed to set up redirection of \d+ to 22/);
  });
});

/** The machines that there were when the recordings from 301 on began. */
function preparations(busyPort: string): readonly (readonly string[])[] {
  const create = (name: string) => ['createvm', '--name', name, '--ostype', 'Linux26_64', '--register'];
  const modify = (name: string, line: string) => ['modifyvm', name, ...line.split(' ')];
  const attach = 'storageattach mb3 --storagectl SATA --port 0 --device 0 --type dvddrive --medium';
  return [
    ...['t1', 'iem1', 'rec2', 'def1', 'mb1', 'gl1', 'mb3'].map(create),
    modify('def1', '--nat-localhostreachable1 on'),
    modify('gl1', `--natpf1 ssh,tcp,127.0.0.1,${busyPort},,22`),
    modify('mb3', '--memory 512 --boot1 dvd --audio-driver none --uart1 0x3F8 4 --natpf1 ssh,tcp,127.0.0.1,22051,,22'),
    ['modifyvm', 'mb3', '--uartmode1', 'file', '/home/user/mb3.serial'],
    ['storagectl', 'mb3', '--name', 'SATA', '--add', 'sata'],
    [...attach.split(' '), '/home/user/test3.iso'],
    ['startvm', 'mb3', '--type', 'headless'],
  ];
}
