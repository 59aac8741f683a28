import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TypedFlags } from '../../src/driver/resolve-flags.ts';
import { createHostKeyPair, createUserKeyFiles } from '../../src/ssh/keys.ts';
import { fingerprint, parsePublicKey } from '../../src/ssh/known-hosts.ts';
import { writeProgram } from './fake-path.ts';
import type { StartServer } from './guest-bench.ts';
import type { TestSshServer } from './guest-server.ts';

/** A host of its own with an SSH server, and a key that it lets in. */
export interface SshHost extends AsyncDisposable {
  readonly server: TestSshServer;
  readonly folder: string;
  /** The private key's file. */
  readonly key: string;
  /** The host key's fingerprint. */
  readonly fingerprint: string;
  /** How `create -d generic` is told all that. */
  readonly flags: TypedFlags;
  /** Puts a program in front of the host's own; only a server of ours looks there. */
  program(name: string, script: string): Promise<void>;
}

/** Starts it with `start`. */
export async function startSshHost(start: StartServer): Promise<SshHost> {
  const folder = await mkdtemp(join(tmpdir(), 'tmachine-host-'));
  const bin = join(folder, 'bin');
  await mkdir(bin);
  const [user, own] = [await createUserKeyFiles(folder, 'me'), await createHostKeyPair('host')];
  const path = `${bin}:${process.env['PATH']}`;
  const server = await start({ hostKey: own.privateKey, authorizedKey: user.publicKey, path });
  const key = join(folder, 'id_rsa');
  const hostKey = parsePublicKey(own.publicKey);
  return {
    server,
    folder,
    key,
    fingerprint: hostKey === undefined ? '' : fingerprint(hostKey),
    flags: {
      'generic-ip-address': server.host,
      'generic-ssh-port': String(server.port),
      'generic-ssh-user': server.user,
      'generic-ssh-key': key,
    },
    program: async (name, script) => void (await writeProgram(bin, name, script)),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** An agent that holds one key; ends when disposed of. */
export async function startAgent(key: string): Promise<AsyncDisposable & { readonly socket: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'tmachine-agent-'));
  const socket = join(folder, 'socket');
  const said = execFileSync('ssh-agent', ['-a', socket], { encoding: 'utf8' });
  const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(said)?.[1]);
  execFileSync('ssh-add', ['-q', key], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' });
  return {
    socket,
    async [Symbol.asyncDispose]() {
      process.kill(pid);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
