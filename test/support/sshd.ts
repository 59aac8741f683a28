import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../../src/host/network.ts';
import { waitUntil } from '../../src/host/wait-until.ts';
import { connectForBanner } from '../../src/ssh/banner.ts';
import type { GuestServerOptions, TestSshServer } from './guest-server.ts';

const program = '/usr/sbin/sshd';

/** Starts OpenSSH's own server, with a configuration of its own, for the user who runs the tests. */
export async function startSshd(options: GuestServerOptions): Promise<TestSshServer> {
  const folder = mkdtempSync(join(tmpdir(), 'sshd-'));
  const port = await findFreePort('127.0.0.1');
  writeFileSync(join(folder, 'host_key'), options.hostKey, { mode: 0o600 });
  writeFileSync(join(folder, 'authorized_keys'), options.authorizedKey, { mode: 0o600 });
  const home = join(folder, 'home');
  mkdirSync(home);
  writeFileSync(join(folder, 'config'), formatConfig(folder, port));
  // Needed where sshd runs as root; the service makes it at boot.
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true });
  const child = spawn(program, ['-D', '-e', '-f', join(folder, 'config'), ...gentle(folder)], { stdio: 'ignore' });
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const target = { host: '127.0.0.1', port, user: userInfo().username, identityFile: '' };
  const { signal } = new AbortController();
  await waitUntil(() => greets(target, signal), { what: 'sshd', timeoutMs: 20_000, signal });
  return {
    ...target,
    home,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type Target = Parameters<typeof connectForBanner>[0];

async function greets(target: Target, signal: AbortSignal): Promise<boolean> {
  try {
    (await connectForBanner(target, { timeoutMs: 5000, signal })).destroy();
    return true;
  } catch {
    return false;
  }
}

function formatConfig(folder: string, port: number): string {
  return `ListenAddress 127.0.0.1
Port ${port}
HostKey ${folder}/host_key
AuthorizedKeysFile ${folder}/authorized_keys
PidFile none
UsePAM no
StrictModes no
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
MaxStartups 100
PrintMotd no
# Relative paths of SFTP start from here, not from the home folder of whoever runs the tests.
Subsystem sftp internal-sftp -d ${folder}/home
# Spares bash the start-up files of whoever runs the tests.
SetEnv SHLVL=1
`;
}

/** Newer versions shut out an address that fails to log in, as tests do on purpose. */
function gentle(folder: string): readonly string[] {
  const options = ['-o', 'PerSourcePenalties=no'];
  return spawnSync(program, ['-t', '-f', join(folder, 'config'), ...options]).status === 0 ? options : [];
}
