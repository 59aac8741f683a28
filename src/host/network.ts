import { createConnection, createServer, type Server } from 'node:net';

/** Whether a server could listen there now. Also false for an address this computer does not have. */
export async function isPortFree(address: string, port: number): Promise<boolean> {
  return (await tryToListen(address, port)) !== undefined;
}

/** A TCP port nobody listens on at `address`. */
export async function findFreePort(address: string): Promise<number> {
  const port = await tryToListen(address, 0);
  if (port === undefined) throw new RangeError(`No port can be opened on ${address}`);
  return port;
}

/** Holds a port so that nobody else can, until it is disposed of or this process ends; nothing when it is not free. */
export async function holdPort(address: string, port: number): Promise<AsyncDisposable | undefined> {
  const server = await listen(address, port);
  if (server === undefined) return undefined;
  return { [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

/** What a TCP connection meets: a server, a refusal (also: no such name, no way there), or nothing at all in its time. */
export type PortAnswer = 'open' | 'closed' | 'silent';

/** Connects and closes at once. */
export function knockAtPort(address: string, port: number, timeoutMs: number): Promise<PortAnswer> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: address, port, timeout: timeoutMs });
    const settle = (answer: PortAnswer): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle('open'));
    socket.once('error', () => settle('closed'));
    socket.once('timeout', () => settle('silent'));
  });
}

/** Whether a TCP server there takes a connection in this time; it is closed at once. */
export async function acceptsConnections(address: string, port: number, timeoutMs: number): Promise<boolean> {
  return (await knockAtPort(address, port, timeoutMs)) === 'open';
}

async function tryToListen(address: string, port: number): Promise<number | undefined> {
  const server = await listen(address, port);
  if (server === undefined) return undefined;
  const bound = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof bound === 'object' && bound !== null ? bound.port : undefined;
}

function listen(address: string, port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', () => resolve(undefined));
    server.listen({ host: address, port, exclusive: true }, () => resolve(server));
  });
}
