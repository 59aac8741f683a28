import type { Duplex } from 'node:stream';
import { TmachineError } from 'tmachine/driver';

const request = 'CONNECT /_goRPC_ HTTP/1.0\n\n';
const accepted = 'Connected to Go RPC';
/** A server with more to say is another one. */
const longestHead = 16 * 1024;

/**
 * Turns a connection to an HTTP server into one to its net/rpc service, and resolves to what came after the server's answer.
 * Specification: `rpc.DialHTTP`, https://pkg.go.dev/net/rpc#DialHTTP
 *
 * @throws TmachineError `PLUGIN_NO_RPC` when something else listens there; what the connection failed with.
 */
export function shakeHands(socket: Duplex): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    let head: Buffer = Buffer.alloc(0);
    const settle = (finish: () => void): void => {
      socket.off('data', read).off('error', fail).off('close', end);
      finish();
    };
    const fail = (error: Error): void => settle(() => reject(error));
    const end = (): void => fail(new Error('it was closed before the service answered'));
    const read = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      const text = head.toString('latin1');
      const length = /\r?\n\r?\n/.exec(text);
      if (length === null && head.length <= longestHead) return;
      // Whoever listens next must not miss what comes in between.
      socket.pause();
      const [status = ''] = text.split(/\r?\n/, 1);
      if (length === null || !isAccepted(status)) fail(otherServer(status));
      else settle(() => resolve(head.subarray(length.index + length[0].length)));
    };
    socket.on('data', read).on('error', fail).on('close', end);
    if (socket.destroyed) end();
    else socket.write(request);
  });
}

function isAccepted(status: string): boolean {
  return /^HTTP\/1\.\d 200 /.test(status) && status.endsWith(` ${accepted}`);
}

function otherServer(status: string): TmachineError {
  const message = `The driver plugin does not serve Go's net/rpc: it answered ${JSON.stringify(status.slice(0, 100))}`;
  return new TmachineError(message, { code: 'PLUGIN_NO_RPC' });
}
