import { connect, createServer } from 'node:net';
import { isSystemError } from '../errors/tmachine-error.ts';

/**
 * A pipe of Windows that is there as long as its maker lives, and shows that a lock's owner does: Windows tells no process
 * when another one started, and gives its pids away again soon. `token` is what only the owner knew beforehand.
 */
export async function lightBeacon(token: string): Promise<AsyncDisposable> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(pipeOf(token), resolve);
  });
  server.unref();
  return { [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())) };
}

/** Whether somebody shows the beacon. Any answer but that there is no such pipe counts as yes. */
export async function seesBeacon(token: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(pipeOf(token));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error) => resolve(!isSystemError(error, 'ENOENT')));
  });
}

function pipeOf(token: string): string {
  return `\\\\.\\pipe\\tmachine-lock-${token}`;
}
