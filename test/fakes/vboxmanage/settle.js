import { rmSync } from 'node:fs';
import { setState } from './controlvm.js';
import { isAlive } from './home.js';
import { isLive } from './locks.js';

/** Brings machines up to date with what happened since the last call: guests that went off, processes that died. */
export function settle(machines) {
  for (const entry of machines.accessible()) {
    const { state } = entry.machine;
    if (!isLive(entry.machine)) continue;
    const isOff = state.offAt !== undefined && Date.now() >= state.offAt;
    const isCut = state.keeper !== undefined && !isAlive(state.keeper);
    if (!isOff && !isCut) continue;
    if (isCut) rmSync(state.monitor, { force: true });
    setState(entry.machine, isOff ? 'poweroff' : 'aborted');
    machines.save(entry);
  }
}
