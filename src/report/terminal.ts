import type { MachineEvent } from '../events/event.ts';
import { draw, reduce, settle, type View } from './frame.ts';
import type { Output, Reporter } from './reporter.ts';

const tickMs = 80;

/** Keeps the running steps at the bottom of a terminal, and what is settled above them. */
export function createTerminalReporter(output: Output, look: { color: boolean; debug: boolean }): Reporter {
  let view: View = [];
  let drawn = 0;
  let holders = 0;
  let ticker: NodeJS.Timeout | undefined;
  const options = () => ({ ...look, columns: output.columns(), rows: output.rows(), now: Date.now() });

  // One write per frame, so that a terminal never shows half of it.
  const render = (settled: readonly string[]): void => {
    const live = holders > 0 ? [] : draw(view, options());
    const erase = drawn === 0 ? '' : `\r\u001b[${drawn}A\u001b[J`;
    const text = erase + [...settled, ...live].map((line) => `${line}\n`).join('');
    drawn = live.length;
    if (text !== '') output.write(text);
  };
  const keepTicking = (): void => {
    const isNeeded = view.length > 0 && holders === 0;
    if (isNeeded && ticker === undefined) ticker = setInterval(() => render([]), tickMs).unref();
    if (isNeeded || ticker === undefined) return;
    clearInterval(ticker);
    ticker = undefined;
  };
  const hold = (change: 1 | -1): void => {
    holders += change;
    render([]);
    keepTicking();
  };

  return {
    report(event: MachineEvent) {
      const settled = settle(view, event, options());
      const before = view.length;
      view = reduce(view, event);
      if (settled.length > 0 || view.length !== before) render(settled);
      keepTicking();
    },
    suspend: () => hold(1),
    resume: () => hold(-1),
    close() {
      view = [];
      hold(1);
    },
  };
}
