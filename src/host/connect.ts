import { mkdtemp, open, rm, symlink } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** Where a local server listens: a Unix socket or Windows named pipe by path, or a TCP port. */
export type LocalEndpoint = string | { readonly address: string; readonly port: number };

/** `sun_path` holds 104 bytes on macOS and 108 on Linux, the closing zero included; Node cuts a longer path silently. */
const longestSocketPath = 103;

/** Connects to a server of this computer. A Unix socket's path may have any length. */
export async function connectLocal(endpoint: LocalEndpoint, platform: NodeJS.Platform): Promise<Socket> {
  if (typeof endpoint !== 'string') return await connected({ host: endpoint.address, port: endpoint.port });
  if (platform === 'win32' || Buffer.byteLength(endpoint) <= longestSocketPath)
    return await connected({ path: endpoint });
  return platform === 'linux' ? await connectThroughProc(endpoint) : await connectThroughLink(endpoint);
}

async function connectThroughProc(path: string): Promise<Socket> {
  const folder = await open(dirname(path), 'r');
  try {
    return await connected({ path: `/proc/self/fd/${folder.fd}/${basename(path)}` });
  } finally {
    await folder.close();
  }
}

async function connectThroughLink(path: string): Promise<Socket> {
  const folder = await mkdtemp(join(tmpdir(), 'tm-'));
  try {
    await symlink(dirname(path), join(folder, 'd'));
    return await connected({ path: join(folder, 'd', basename(path)) });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function connected(to: { readonly path: string } | { readonly host: string; readonly port: number }): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(to);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}
