// Waits for an engine, as the commands that are measured do, but without them.
import { request } from 'node:https';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const limitMs = 300_000;

/** Resolves once GET /version is answered over mutual TLS; `isOver` says why to stop waiting. */
export async function awaitAnswer(target, isOver = () => undefined) {
  const startedAt = performance.now();
  while (!(await answersVersion(target))) {
    const reason = isOver();
    if (reason !== undefined) throw new Error(reason);
    if (performance.now() - startedAt > limitMs) throw new Error('The engine started by hand never answered');
    await sleep(50);
  }
}

/** Whether the port takes a connection soon. A guest that has no network yet leaves the question unanswered for seconds. */
export async function acceptsWithin(timeoutMs, { host, port }) {
  return await new Promise((done) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const end = (accepted) => () => {
      socket.destroy();
      done(accepted);
    };
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
  });
}

async function answersVersion(target) {
  if (!(await acceptsWithin(250, target))) return false;
  return await new Promise((done) => {
    const call = request({ ...target, path: '/version', agent: false, timeout: 15_000 }, (answer) => {
      answer.resume().once('end', () => done(answer.statusCode === 200));
    });
    call.once('timeout', () => call.destroy());
    call.once('error', () => done(false));
    call.end();
  });
}
