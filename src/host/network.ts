import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';

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

/** IPv4 addresses of this computer's interfaces. */
export function interfaceAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .filter((entry) => entry.family === 'IPv4')
    .map((entry) => entry.address);
}

function tryToListen(address: string, port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ host: address, port, exclusive: true }, () => {
      const bound = server.address();
      server.close(() => resolve(typeof bound === 'object' && bound !== null ? bound.port : undefined));
    });
  });
}
