import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EventBody } from '../../../src/events/event.ts';
import { planBoot2docker } from '../../../src/provision/distros/boot2docker.ts';
import { type ProvisionRequest, provisionGuest } from '../../../src/provision/provision-guest.ts';
import { formatRecipeScript } from '../../../src/provision/recipe.ts';
import { createHostKeyPair, createUserKeyFiles } from '../../../src/ssh/keys.ts';
import { openGuest } from '../../../src/ssh/open-guest.ts';
import { startGuestServer, type TestSshServer } from '../../support/guest-server.ts';

let folder: string;
let root: string;
let server: TestSshServer;
let events: EventBody[];

/** A guest whose root is a folder: real shell, real SSH, and programs that note what they were asked. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'provision-'));
  root = join(folder, 'its root');
  events = [];
  const bin = join(folder, 'bin');
  program(join(bin, 'sudo'), '[ "$1" = -n ] && shift; exec "$@"');
  program(join(bin, 'cat'), `[ "$1" = /etc/os-release ] && exec echo ID=\${ID:-boot2docker}; exec /bin/cat "$@"`);
  program(join(bin, 'id'), 'echo 1000');
  program(join(bin, 'ip'), 'echo "ip $*" >>calls');
  program(join(bin, 'netstat'), '[ -f running ] && echo "tcp 0 0 :::2376 :::* LISTEN"; exit 0');
  program(join(root, 'usr/bin/sethostname'), 'echo "hostname $1" >>calls; cat >>calls');
  const log = `'${join(root, 'var/lib/boot2docker/log')}'`;
  program(
    join(root, 'etc/init.d/docker'),
    `echo "docker $1" >>calls; cat >>calls
case $1 in
  stop) rm -f running ;;
  start) mkdir -p ${log}; echo "level=fatal no disk" >${log}/docker.log; [ -f broken ] || touch running ;;
  status) [ -f running ] ;;
esac`,
  );
  const [user, host] = [await createUserKeyFiles(folder, 'test'), await createHostKeyPair('host')];
  const path = `${bin}:${process.env['PATH']}`;
  server = await startGuestServer({ hostKey: host.privateKey, authorizedKey: user.publicKey, path });
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

function program(path: string, script: string): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

const certificates = { ca: 'CA\n', serverCert: "SERVER's\n", serverKey: 'SECRET\n' };

function request(more: Partial<ProvisionRequest> = {}): ProvisionRequest {
  const emit = (event: EventBody): void => {
    events.push(event);
  };
  const address = { ...server, identityFile: join(folder, 'id_rsa'), knownHostsFile: join(folder, 'known_hosts') };
  const options = { kind: 'native', signal: new AbortController().signal, emit, env: process.env } as const;
  return {
    scope: 'everything',
    plan: { hostname: 'dev', options: { Labels: ['a=b'] }, driverName: 'qemu', root, daemonTimeoutSeconds: 2 },
    connect: async () => await openGuest(address, options),
    makeCertificates: async () => certificates,
    emit,
    ...more,
  };
}

async function inGuest(command: string): Promise<string> {
  await using guest = await request().connect();
  return (await guest.run(command)).stdout;
}

function state(name: string): string {
  return join(root, 'var/lib/boot2docker', name);
}

const titles = [
  'Waiting for SSH to be available',
  'Detecting the provisioner',
  'Copying certs to the local machine directory',
  'Copying certs to the remote machine',
  'Setting Docker configuration on the remote daemon',
];

test('provisionGuest() brings a guest from its first start to the final daemon, in the right order and words', async () => {
  await inGuest('touch running');
  await provisionGuest(request());
  const started = events.flatMap((event) => (event.type === 'step.started' ? [event.title] : []));
  expect(started).toEqual(titles);
  expect(events.filter((event) => event.type === 'step.finished')).toHaveLength(titles.length);
  expect(await inGuest('cat calls')).toBe(
    'hostname dev\ndocker stop\nip link show docker0\nip link delete docker0\ndocker start\n',
  );
  expect(readFileSync(state('server.pem'), 'utf8')).toBe("SERVER's\n");
  expect(readFileSync(state('etc/hostname'), 'utf8')).toBe('dev\n');
  expect(readFileSync(state('profile'), 'utf8')).toContain('--label a=b\n--label provider=qemu\n');
  const modes = ['ca.pem', 'server.pem', 'server-key.pem', 'profile', 'etc'].map((name) => statSync(state(name)).mode);
  expect(modes.map((mode) => (mode & 0o777).toString(8))).toEqual(['644', '644', '600', '644', '755']);
});

test.each([
  [-90_000, 'behind', '1 day'],
  [7200, 'ahead of', '2 hours'],
  [61, 'ahead of', '1 minute'],
])('provisionGuest() sets a clock that is %d seconds off, before any certificate', async (offset, direction, span) => {
  clock(offset);
  await inGuest('touch running');
  await provisionGuest(request({ scope: 'certificates' }));
  const text = `The clock of the machine was ${span} ${direction} that of this computer: it is set right`;
  const at = events.findIndex((event) => event.type === 'notice' && event.text === text);
  expect(at).toBeGreaterThan(0);
  expect(at).toBeLessThan(events.findIndex((event) => event.type === 'step.started' && event.title === titles[2]));
  const [, set] = /^date -u -s @(\d+)\n/.exec(await inGuest('cat calls')) ?? [];
  expect(Math.abs(Number(set) - Date.now() / 1000)).toBeLessThan(30);
});

test('provisionGuest() leaves a clock alone that is half a minute off, and goes on where it cannot be set', async () => {
  clock(30);
  await inGuest('touch running');
  await provisionGuest(request({ scope: 'certificates' }));
  expect(await inGuest('cat calls')).not.toContain('date');
  clock(5000, 'echo "date: cannot set date: Operation not permitted" >&2; exit 1');
  await provisionGuest(request({ scope: 'certificates' }));
  expect(events).toContainEqual(
    expect.objectContaining({ level: 'warning', text: expect.stringMatching(/cannot be set: .*not permitted/) }),
  );
});

/** A guest whose clock is some seconds ahead; `set` is what its `date -s` does beside being noted. */
function clock(offset: number, set = ''): void {
  const script = `case "$*" in *-s*) echo "date $*" >>calls; ${set} ;; *) echo $(($(/bin/date +%s) + ${offset})) ;; esac`;
  program(join(folder, 'bin/date'), script);
  program(join(folder, 'bin/hwclock'), 'exit 1');
}

test('provisionGuest() done again gives the same result', async () => {
  await inGuest('touch running');
  await provisionGuest(request());
  const first = readFileSync(state('profile'), 'utf8');
  await provisionGuest(request());
  expect(readFileSync(state('profile'), 'utf8')).toBe(first);
});

test('provisionGuest() for certificates replaces them and restarts the daemon, nothing else', async () => {
  mkdirSync(state(''), { recursive: true });
  writeFileSync(state('profile'), 'mine');
  await provisionGuest(request({ scope: 'certificates' }));
  expect(readFileSync(state('profile'), 'utf8')).toBe('mine');
  expect(readFileSync(state('server-key.pem'), 'utf8')).toBe('SECRET\n');
  expect(await inGuest('grep -c hostname calls')).toBe('0\n');
  expect(events.flatMap((event) => (event.type === 'step.started' ? [event.title] : []))).toEqual(titles);
});

test("provisionGuest() shows the step and the end of the daemon's log when the daemon does not come up", async () => {
  await inGuest('touch running broken');
  const failure = await provisionGuest(request()).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'PROVISION_FAILED' });
  expect((failure as Error).message).toMatch(
    /^Cannot provision "dev": "wait for the daemon to listen on port 2376" failed: .*\nThe end of the daemon's log:\nlevel=fatal no disk$/,
  );
  expect(events.at(-1)).toMatchObject({ type: 'step.failed' });
});

test('provisionGuest() never shows a secret in an event or in an argument', async () => {
  await inGuest('touch running');
  await provisionGuest(request());
  expect(JSON.stringify(events)).not.toContain('SECRET');
});

test('provisionGuest() says so when there is no way to become root', async () => {
  program(join(folder, 'bin/sudo'), 'echo "sudo: a password is required" >&2; exit 1');
  await expect(provisionGuest(request())).rejects.toThrow('a root shell failed: sudo: a password is required');
});

test('provisionGuest() fails when the connection is lost while the guest is asked', async () => {
  const asked = join(folder, 'asked');
  program(join(folder, 'bin/cat'), `touch '${asked}'; exec sleep 60`);
  const failure = provisionGuest(request()).catch((error: unknown) => error);
  await vi.waitUntil(() => existsSync(asked), { timeout: 10_000 });
  server.disconnect?.();
  expect(await failure).toMatchObject({ code: 'SSH_CONNECTION_LOST' });
  expect(events.at(-1)).toMatchObject({ type: 'step.failed', step: 'detect' });
});

test('formatRecipeScript() passes contents to no program but the shell itself', () => {
  const script = formatRecipeScript(
    planBoot2docker({ hostname: 'dev', options: {}, driverName: 'qemu', certificates }),
  );
  const secret = script.split('\n').filter((line) => line.includes('SECRET'));
  expect(secret).toEqual(["printf %s 'SECRET"]);
  expect(script).toContain('mv -f /var/lib/boot2docker/server-key.pem.new /var/lib/boot2docker/server-key.pem');
});
