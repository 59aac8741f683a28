import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AuthContext,
  type Connection,
  type PseudoTtyInfo,
  Server,
  type ServerChannel,
  type Session,
  utils,
} from 'ssh2';

/** What a guest on loopback is made of. */
export interface GuestServerOptions {
  /** OpenSSH private key of the server. */
  readonly hostKey: string;
  /** The `.pub` line that may log in. */
  readonly authorizedKey: string;
  /** Where commands look for programs; replaces PATH. */
  readonly path?: string;
  /** Where it listens, 127.0.0.1 where nothing is said. */
  readonly address?: string;
}

/** A running SSH server: where it is, and what ends it. */
export interface TestSshServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** How many logins it has accepted, where it counts them. */
  readonly logins?: () => number;
  /** Ends all connections, where it can. */
  readonly disconnect?: () => void;
  /** Where relative paths of SFTP start from, where it has SFTP. */
  readonly home?: string;
}

/** Starts an SSH server (ssh2) whose commands are run by the real /bin/sh in an empty folder. */
export async function startGuestServer(options: GuestServerOptions): Promise<TestSshServer> {
  const folder = mkdtempSync(join(tmpdir(), 'guest-'));
  const children = new Set<ChildProcess>();
  const connections = new Set<Connection>();
  let logins = 0;
  const server = new Server({ hostKeys: [options.hostKey] }, (connection) => {
    connections.add(connection);
    connection.on('error', () => undefined).on('close', () => connections.delete(connection));
    connection.on('authentication', (context) => authenticate(context, options.authorizedKey));
    connection.on('ready', () => {
      logins += 1;
    });
    // Missing in the type; without it small answers wait for the client's acknowledgement.
    (connection as Connection & { setNoDelay(on: boolean): unknown }).setNoDelay(true);
    connection.on('session', (accept) => serve(accept(), { folder, children, path: options.path }));
  });
  const disconnect = (): void => {
    for (const connection of connections) connection.end();
  };
  const host = options.address ?? '127.0.0.1';
  await new Promise<void>((resolve) => server.listen(0, host, () => resolve()));
  return {
    host,
    port: (server.address() as AddressInfo).port,
    user: 'docker',
    logins: () => logins,
    disconnect,
    [Symbol.asyncDispose]: async () => {
      disconnect();
      for (const child of children) child.kill('SIGKILL');
      await new Promise<void>((resolve) => server.close(() => resolve()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function authenticate(context: AuthContext, authorizedKey: string): void {
  if (isAllowed(context, authorizedKey)) context.accept();
  else context.reject(['publickey']);
}

/** A client first asks whether a key would do, then signs with it. */
function isAllowed(context: AuthContext, authorizedKey: string): boolean {
  const allowed = utils.parseKey(authorizedKey);
  if (context.method !== 'publickey' || context.username !== 'docker' || allowed instanceof Error) return false;
  if (!context.key.data.equals(allowed.getPublicSSH())) return false;
  if (context.signature === undefined || context.blob === undefined) return true;
  return allowed.verify(context.blob, context.signature, context.hashAlgo) === true;
}

interface Workplace {
  readonly folder: string;
  readonly children: Set<ChildProcess>;
  readonly path: string | undefined;
}

function serve(session: Session, place: Workplace): void {
  let terminal: (PseudoTtyInfo & { term?: string }) | undefined;
  const ttyFile = join(place.folder, `tty-${Math.random()}`);
  session.on('pty', (accept, _reject, info) => {
    terminal = info;
    accept();
  });
  session.on('window-change', (accept, _reject, { rows, cols }) => {
    const tty = readFileSync(ttyFile, 'utf8').trim();
    spawn('stty', ['-F', tty, 'rows', String(rows), 'cols', String(cols)]);
    accept?.();
  });
  session.on('exec', (accept, _reject, { command }) => carry(accept(), ['-c', command], place));
  session.on('shell', (accept) => {
    if (terminal === undefined) return carry(accept(), ['-s'], place);
    const { rows, cols, term = '' } = terminal;
    const script = `tty >${ttyFile}; stty rows ${rows} cols ${cols}; TERM=${term} exec /bin/sh -i`;
    carry(accept(), ['-c', `exec script -qefc '${script}' /dev/null`], place);
  });
}

/** Like sshd: the status of a command, or the signal that ended it, goes out after all of its output. */
function carry(channel: ServerChannel, args: readonly string[], place: Workplace): void {
  const env = { PATH: place.path ?? process.env['PATH'], HOME: place.folder };
  const child = spawn('/bin/sh', args, { cwd: place.folder, env });
  place.children.add(child);
  channel.pipe(child.stdin.on('error', () => undefined));
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  channel.on('close', () => child.kill('SIGHUP'));
  child.on('close', (code, signal) => {
    place.children.delete(child);
    if (signal === null) channel.exit(code ?? 0);
    else channel.exit(signal.replace(/^SIG/, ''), false, '');
    channel.end();
  });
}
