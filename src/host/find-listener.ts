import { readdir, readFile, readlink } from 'node:fs/promises';

/** A program that listens on a port. */
export interface PortListener {
  readonly pid: number;
  readonly name: string;
}

/**
 * Who listens on a TCP port, on this address or on all; nothing when nobody does, or when we may not know: only Linux
 * tells, and only of processes that we may look into.
 */
export async function findListener(
  address: string,
  port: number,
  platform: NodeJS.Platform,
): Promise<PortListener | undefined> {
  if (platform !== 'linux') return undefined;
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8').catch(() => '')),
  );
  const sockets = new Set(
    tables.flatMap((table) => parseListeningInodes(table, address, port)).map((id) => `socket:[${id}]`),
  );
  if (sockets.size === 0) return undefined;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    if (!(await holdsOne(pid, sockets))) continue;
    const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => 'unknown');
    return { pid: Number(pid), name: name.trim() };
  }
  return undefined;
}

/** Inodes of the sockets that listen there, from /proc/net/tcp or tcp6; see proc_net_tcp in the kernel's documentation. */
export function parseListeningInodes(table: string, address: string, port: number): readonly string[] {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  const hexAddress = Buffer.from(address.split('.').map(Number).reverse()).toString('hex').toUpperCase();
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '', , state]) => {
      const [host = '', localPort] = local.split(':');
      return state === '0A' && localPort === hexPort && (/^0+$/.test(host) || host.endsWith(hexAddress));
    })
    .flatMap((fields) => fields[9] ?? []);
}

async function holdsOne(pid: string, sockets: ReadonlySet<string>): Promise<boolean> {
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const targets = await Promise.all(descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
  return targets.some((target) => sockets.has(target));
}
