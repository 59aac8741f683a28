import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { detectDistro } from '../../../src/provision/detect.ts';
import { parseOsRelease } from '../../../src/provision/os-release.ts';
import type { ProvisionPlan } from '../../../src/provision/plan.ts';
import { formatRecipeScript } from '../../../src/provision/recipe.ts';

const certificates = { ca: 'CA\n', serverCert: 'CERT\n', serverKey: 'KEY\n' };
const base: ProvisionPlan = { hostname: 'dev', options: {}, driverName: 'generic', certificates };
const distro = (text: string) => detectDistro(parseOsRelease(text));

describe('detectDistro()', () => {
  test.each([
    ['ID=debian', 'debian'],
    ['ID=ubuntu\nID_LIKE=debian', 'debian'],
    ['ID=pop\nID_LIKE="ubuntu debian"', 'debian'],
    ['ID=zorin\nID_LIKE="ubuntu debian"', 'debian'],
    ['ID="rocky"\nID_LIKE="rhel centos fedora"', 'redhat'],
    ['ID=nobara\nID_LIKE="fedora"', 'redhat'],
    ['ID="amzn"', 'redhat'],
    ['ID="opensuse-leap"\nID_LIKE="suse opensuse"', 'suse'],
    ['ID=endeavouros\nID_LIKE=arch', 'arch'],
    ['ID=alpine', 'alpine'],
  ])('%j is %s', (text, name) => {
    expect(distro(text).name).toBe(name);
  });
});

describe.each(['debian', 'fedora', 'sles', 'arch', 'alpine'])('the recipes for %s', (id) => {
  test.each(['dash', 'bash'])('are scripts that %s reads', (shell) => {
    const found = distro(`ID=${id}`);
    const recipes = [found.plan(base), found.planCertificates(base), found.planUpgrade?.(base)];
    expect(recipes.filter((recipe) => recipe !== undefined)).toHaveLength(3);
    for (const recipe of recipes)
      if (recipe !== undefined) execFileSync(shell, ['-n'], { input: formatRecipeScript(recipe) });
  });

  test('pass contents to no program but the shell itself', () => {
    const script = formatRecipeScript(distro(`ID=${id}`).plan(base));
    expect(script.split('\n').filter((line) => line.includes('KEY'))).toEqual(["printf %s 'KEY"]);
  });
});

test.each([
  [{ InstallURL: 'not a url' }, 'Cannot install the engine from "not a url"'],
  [{ InstallURL: '-o/etc/passwd' }, 'it is no URL'],
  [{ Labels: ['a b=c'] }, 'label "a b=c"'],
  [{ StorageDriver: '$(reboot)' }, 'storage driver'],
  [{ Env: ['no assignment'] }, 'NAME=VALUE'],
])('a plan with %j is refused', (options, message) => {
  expect(() => distro('ID=debian').plan({ ...base, options })).toThrow(message);
});

describe('Alpine, with OpenRC', () => {
  let root: string;
  let bin: string;
  let server: Server;
  let port: number;
  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'its root '));
    bin = join(root, 'bin');
    mkdirSync(join(root, 'etc/conf.d'), { recursive: true });
    for (const name of ['dockerd', 'rc-update', 'hostnamectl', 'apk']) program(name, `echo "${name} $*" >>"$CALLS"`);
    program('rc-service', 'echo "rc-service $*" >>"$CALLS"');
    server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterEach(async () => {
    await new Promise((resolve) => server.close(resolve));
    rmSync(root, { recursive: true });
  });

  function program(name: string, script: string): void {
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }

  function provision(more: Partial<ProvisionPlan> = {}): { said: string; calls: readonly string[] } {
    const calls = join(root, 'calls');
    writeFileSync(calls, '');
    const script = formatRecipeScript(
      distro('ID=alpine').plan({ ...base, root, port, daemonTimeoutSeconds: 2, ...more }),
    );
    const env = { PATH: `${bin}:${process.env['PATH']}`, CALLS: calls };
    let said = '';
    try {
      said = execFileSync('sh', ['-s'], { input: script, env, encoding: 'utf8' });
    } catch (error) {
      said = String((error as { stdout: string }).stdout);
    }
    const lines = readFileSync(calls, 'utf8').trim().split('\n');
    return { said, calls: lines.filter((line) => !line.startsWith('hostnamectl')) };
  }

  test('an engine that is there is taken as it is, and restarted with its certificates', () => {
    const restart = 'rc-service docker restart';
    const first = provision();
    expect(first.calls.filter((line) => line.startsWith('apk'))).toEqual([]);
    expect(first.calls).toContain(restart);
    expect(readFileSync(join(root, 'etc/docker/server-key.pem'), 'utf8')).toBe('KEY\n');
    expect(readFileSync(join(root, 'etc/hosts'), 'utf8')).toBe('127.0.1.1 dev\n');
    writeFileSync(join(root, 'etc/hosts'), '127.0.0.1 localhost\n127.0.1.1 old old.lan\n::1 localhost\n');
    provision();
    expect(readFileSync(join(root, 'etc/hosts'), 'utf8')).toBe('127.0.0.1 localhost\n::1 localhost\n127.0.1.1 dev\n');
  });

  test('a daemon reads its options as they were given', () => {
    const hostile = `k=a'b"c$HOME\`id\`\\d;e&f|g`;
    provision({ options: { Labels: [hostile], Env: [`ODD=it's $HOME "x"`], ArbitraryFlags: ['dns 8.8.8.8'] } });
    const file = join(root, 'etc/conf.d/docker');
    // As OpenRC's start-stop-daemon.sh does.
    const script = `. "${file}"; eval printf '"%s\\\\n"' "$DOCKER_OPTS"; printenv ODD`;
    const words = execFileSync('sh', ['-c', script], { encoding: 'utf8', env: { PATH: process.env['PATH'] } }).split(
      '\n',
    );
    const at = words.indexOf('--label');
    expect(words.slice(at)).toEqual([
      ...['--label', hostile, '--label', 'provider=generic', '--dns', '8.8.8.8'],
      ...[`it's $HOME "x"`, ''],
    ]);
    expect(words.slice(0, 4)).toEqual(['-H', `tcp://0.0.0.0:${port}`, '-H', 'unix:///var/run/docker.sock']);
  });

  test('a daemon that ends shows its log', async () => {
    mkdirSync(join(root, 'var/log'), { recursive: true });
    writeFileSync(join(root, 'var/log/docker.log'), 'no disk\n');
    await new Promise((resolve) => server.close(resolve));
    program('rc-service', '[ "$3" != status ]');
    const { said } = provision();
    expect(said).toMatch(/the daemon has ended\ntmachine-log no disk\ntmachine-failed \d+ 1\n$/);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
});
