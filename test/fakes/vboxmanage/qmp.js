import { createConnection } from 'node:net';
import { createInterface } from 'node:readline';

/** Connects to QEMU's monitor (QMP): `execute(name, arguments)` gives the answer, `close()` ends it. */
export async function monitor(path) {
  const socket = createConnection(path);
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  const waiting = [];
  socket.on('error', () => {});
  socket.on('close', () => {
    for (const { reject } of waiting.splice(0)) reject(new Error('QEMU closed the connection'));
  });
  createInterface({ input: socket }).on('line', (line) => {
    const answer = JSON.parse(line);
    if ('return' in answer) waiting.shift()?.resolve(answer.return);
    else if ('error' in answer) waiting.shift()?.reject(new Error(answer.error.desc));
  });
  const execute = (name, options = {}) =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      socket.write(`${JSON.stringify({ execute: name, arguments: options })}\n`);
    });
  await execute('qmp_capabilities');
  return { execute, close: () => socket.destroy() };
}
