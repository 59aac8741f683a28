import { createServer } from 'node:net';
import { noneDriver } from '../../drivers/none/index.ts';
import { acceptsConnections, findFreePort } from '../../src/host/network.ts';
import { type ExistingHost, existingHostContract } from './existing-host-contract.ts';

existingHostContract('none', { driver: noneDriver, startHost, verbs: [] });

async function startHost(): Promise<ExistingHost> {
  const port = await findFreePort('127.0.0.1');
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const dockerUrl = `tcp://127.0.0.1:${port}`;
  return {
    flags: { url: dockerUrl },
    dockerUrl,
    isThere: async () => await acceptsConnections('127.0.0.1', port, 1000),
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
