import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, chmod, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { acceptsConnections } from '../../src/host/network.ts';
import { waitUntil } from '../../src/host/wait-until.ts';
import { findMirror } from '../../src/image/mirror.ts';
import { createUserKeyFiles } from '../../src/ssh/keys.ts';
import { imageStore } from './image-cache.ts';

const run = promisify(execFile);
const packages = 'systemd-sysv,dbus,openssh-server,sudo,ca-certificates,iproute2';
const machine = 'tmdeb';
const interfaceName = `ve-${machine}`;
/** systemd-nspawn's exit status for a container that wants to be started again. */
const wantsReboot = 133;

/** A Debian with systemd, sshd and sudo in a container of its own, on a network that leads nowhere but here. */
export interface DebianHost extends AsyncDisposable {
  readonly address: string;
  /** May use sudo without a password. */
  readonly user: string;
  /** The private key that logs in. */
  readonly key: string;
  /** Runs a script as root in there, past SSH. */
  inside(script: string): Promise<string>;
}

/**
 * Starts it, from a root file system that is kept in the cache of the tests. The engine's package is there as a file, not
 * installed, so that the host needs no mirror.
 */
export async function startDebianHost(): Promise<DebianHost> {
  const folder = await mkdtemp(join(tmpdir(), 'tmachine-debian-'));
  const root = join(folder, 'root');
  await mkdir(root);
  await run('tar', ['-C', root, '--numeric-owner', '-xpf', await buildRoot()]);
  const { publicKey } = await createUserKeyFiles(folder, 'test');
  const address = '10.213.77.2';
  await furnish(root, publicKey, address);
  const container = keepRunning(root, '10.213.77.1');
  const { signal } = new AbortController();
  const end = async (): Promise<void> => {
    await container.end();
    await rm(folder, { recursive: true, force: true });
  };
  const inside = async (script: string): Promise<string> => {
    const pid = await container.firstProcess();
    const { stdout } = await run('nsenter', ['-t', pid, '-a', '-r', '-w', '/bin/sh', '-ec', script]);
    return stdout;
  };
  try {
    // Asked inside, because some networks answer for an address that nobody has yet; and to the end, because a login before that
    // waits for logind.
    const isUp = async (): Promise<boolean> => {
      container.check();
      const state = await inside('grep -qx systemd /proc/1/comm; systemctl is-system-running --wait || true').catch(
        () => '',
      );
      return /^(?:running|degraded)$/m.test(state) && (await acceptsConnections(address, 22, 500));
    };
    await waitUntil(isUp, { what: 'the container to be up', timeoutMs: 60_000, signal });
  } catch (error) {
    await end();
    throw error;
  }
  return {
    address,
    user: 'me',
    key: join(folder, 'id_rsa'),
    inside,
    [Symbol.asyncDispose]: end,
  };
}

/** The root file system as an archive, with what provisioning installs, and all that this needs, in apt's own cache. */
async function buildRoot(): Promise<string> {
  const codeName = /^VERSION_CODENAME=(\w+)$/m.exec(await readFile('/etc/os-release', 'utf8'))?.[1] ?? 'stable';
  const fetch = 'chroot "$1" apt-get -q -y --no-install-recommends --download-only install docker.io curl';
  const tidy = 'rm -f "$1"/etc/ssh/ssh_host_* "$1"/var/cache/apt/*.bin';
  const hooks = [fetch, tidy].map((hook) => `--customize-hook=${hook}`);
  const words = ['--variant=apt', '--dpkgopt=force-unsafe-io', `--include=${packages}`, '--skip=cleanup/apt', ...hooks];
  const digest = createHash('sha256').update(words.join('\n')).digest('hex').slice(0, 8);
  const folder = join(imageStore, 'debian-host');
  const archive = join(folder, `${codeName}-${digest}.tar`);
  if (existsSync(archive)) return archive;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { uri } = await findMirror({ env: process.env, settingsFile: join(folder, 'no-settings') });
  const incoming = join(folder, 'new.tar');
  const maxBuffer = 16 * 1024 * 1024;
  await run('mmdebstrap', [...words, codeName, incoming, `deb ${uri} ${codeName} main`], { maxBuffer });
  await rename(incoming, archive);
  return archive;
}

/** A user, an address and the keys of the SSH server. */
async function furnish(root: string, publicKey: string, address: string): Promise<void> {
  await run('chroot', [root, 'useradd', '-m', '-s', '/bin/bash', 'me']);
  const ssh = join(root, 'home/me/.ssh');
  await mkdir(ssh);
  await writeFile(join(ssh, 'authorized_keys'), publicKey);
  await run('chroot', [root, 'chown', '-R', 'me:', '/home/me/.ssh']);
  await writeFile(join(root, 'etc/sudoers.d/me'), 'me ALL=(ALL) NOPASSWD: ALL\n');
  await chmod(join(root, 'etc/sudoers.d/me'), 0o440);
  await run('chroot', [root, 'ssh-keygen', '-A']);
  // Nobody answers questions for names there, and at once.
  await writeFile(join(root, 'etc/resolv.conf'), '');
  await appendFile(join(root, 'etc/apt/apt.conf'), 'Acquire::Retries "0";\n');
  const unit = `[Unit]
Before=ssh.service
[Service]
Type=oneshot
ExecStart=/sbin/ip address add ${address}/30 dev host0
ExecStart=/sbin/ip link set host0 up
`;
  await writeFile(join(root, 'etc/systemd/system/host0.service'), unit);
  const wants = join(root, 'etc/systemd/system/multi-user.target.wants');
  await mkdir(wants, { recursive: true });
  await symlink('../host0.service', join(wants, 'host0.service'));
}

interface RunningContainer {
  firstProcess(): Promise<string>;
  /** @throws Error with what systemd-nspawn said, when it has ended. */
  check(): void;
  end(): Promise<void>;
}

/** Starts the container, and starts it again when it reboots. */
function keepRunning(root: string, ownAddress: string): RunningContainer {
  let said = '';
  let isWanted = true;
  let child: ChildProcess;
  let gone: Promise<void>;
  const start = (): void => {
    const words = ['-q', '-M', machine, '-D', root, '--boot', '--register=no', '--keep-unit', '--network-veth'];
    const rights = ['--capability=all', '--system-call-filter=@keyring bpf', '--link-journal=no'];
    child = spawn('systemd-nspawn', [...words, ...rights, '--console=pipe'], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (said += text));
    gone = new Promise((resolve) => child.once('close', () => resolve()));
    child.once('close', (status) => {
      if (isWanted && status === wantsReboot) start();
    });
    void giveAddress(ownAddress, () => isWanted);
  };
  start();
  return {
    check: () => {
      if (child.exitCode !== null && child.exitCode !== wantsReboot) throw new Error(`systemd-nspawn ended: ${said}`);
    },
    firstProcess: async () => (await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')).trim(),
    end: async () => {
      isWanted = false;
      child.kill('SIGTERM');
      const killed = setTimeout(() => child.kill('SIGKILL'), 20_000);
      await gone;
      clearTimeout(killed);
    },
  };
}

/** Our end of the wire appears with the container and goes with it. */
async function giveAddress(address: string, isWanted: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && isWanted(); tries += 1) {
    const given = await run('ip', ['address', 'replace', `${address}/30`, 'dev', interfaceName]).then(
      () => true,
      () => false,
    );
    if (
      given &&
      (await run('ip', ['link', 'set', interfaceName, 'up']).then(
        () => true,
        () => false,
      ))
    )
      return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
