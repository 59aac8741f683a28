import type { MachineEvent } from '../events/event.ts';
import type { ReportStyle } from './choose.ts';
import { formatJsonEvent } from './json.ts';
import { type PlainState, plainLines } from './plain.ts';
import { createTerminalReporter } from './terminal.ts';

/** Where a reporter writes. */
export interface Output {
  write(text: string): void;
  /** Width in characters, asked anew for each frame. */
  columns(): number;
  rows(): number;
}

/** Shows events while work goes on. */
export interface Reporter {
  report(event: MachineEvent): void;
  /** Clears what is drawn and draws nothing until `resume`; settled lines are still written. Pairs may be nested. */
  suspend(): void;
  resume(): void;
  /** Clears what is drawn, for good. */
  close(): void;
}

/** The reporter of a style. */
export function createReporter(style: ReportStyle, output: Output, debug: boolean): Reporter {
  if (style.kind === 'terminal') return createTerminalReporter(output, { ...style, debug });
  if (style.kind === 'json') return lineReporter((event) => output.write(`${formatJsonEvent(event)}\n`));
  let state: PlainState = new Map();
  return lineReporter((event) => {
    const [lines, next] = plainLines(state, event, debug);
    state = next;
    for (const line of lines) output.write(`${line}\n`);
  });
}

function lineReporter(report: (event: MachineEvent) => void): Reporter {
  return { report, suspend: () => undefined, resume: () => undefined, close: () => undefined };
}
