import type { MachineEvent } from '../events/event.ts';
import { type DrawOptions, draw, reduce, settle, type View } from './frame.ts';
import type { Output, Reporter } from './reporter.ts';

const tickMs = 80;

/** Keeps the running steps at the bottom of a terminal, and what is settled above them. */
export function createTerminalReporter(
  output: Output,
  look: Pick<DrawOptions, 'color' | 'unicode' | 'debug'>,
): Reporter {
  let view: View = [];
  let drawn = 0;
  let holders = 0;
  const ticker = createTicker(() => render([]));
  const options = () => ({ ...look, columns: output.columns(), rows: output.rows(), now: Date.now() });

  // One write per frame, so that a terminal never shows half of it.
  const render = (settled: readonly string[]): void => {
    const live = holders > 0 ? [] : draw(view, options());
    const erase = drawn === 0 ? '' : `\r\u001b[${drawn}A\u001b[J`;
    const text = erase + [...settled, ...live].map((line) => `${line}\n`).join('');
    drawn = live.length;
    if (text !== '') output.write(text);
  };
  const keepTicking = (): void => ticker.run(view.length > 0 && holders === 0);
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

/** Calls `tick` again and again while it is told to run; never keeps the process alive. */
function createTicker(tick: () => void): { run(isNeeded: boolean): void } {
  let timer: NodeJS.Timeout | undefined;
  return {
    run(isNeeded) {
      if (isNeeded === (timer !== undefined)) return;
      clearInterval(timer);
      timer = isNeeded ? setInterval(tick, tickMs).unref() : undefined;
    },
  };
}
