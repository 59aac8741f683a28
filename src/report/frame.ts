import type { MachineEvent } from '../events/event.ts';
import {
  formatBytes,
  formatCommand,
  formatDuration,
  formatProgress,
  formatSaid,
  machinePrefix,
  type Progress,
  paint,
} from './format.ts';
import { cutToWidth, widthOf } from './text-width.ts';

/** A step that runs. */
interface RunningStep {
  readonly machine: string | undefined;
  readonly step: string;
  readonly title: string;
  readonly startedAt: number;
  readonly progress?: (Progress & { readonly at: number }) | undefined;
  /** The first progress seen: the rate is measured from there, because a resumed download does not start at zero. */
  readonly firstProgress?: (Progress & { readonly at: number }) | undefined;
  readonly waiting?: { readonly what: string; readonly elapsedMs: number; readonly at: number } | undefined;
}

/** What is on the screen: the running steps, oldest first. */
export type View = readonly RunningStep[];

/** How lines are drawn. */
export interface DrawOptions {
  readonly columns: number;
  readonly rows: number;
  readonly now: number;
  readonly color: boolean;
  /** Whether the terminal shows more than ASCII. */
  readonly unicode: boolean;
  readonly debug: boolean;
}

/** Waiting is shown once it takes longer than anybody expects. */
const patienceMs = 3000;
const spinner = ['|', '/', '-', '\\'];

/** The view after an event. */
export function reduce(view: View, event: MachineEvent): View {
  switch (event.type) {
    case 'step.started':
      return [
        ...without(view, event),
        { machine: event.machine, step: event.step, title: event.title, startedAt: event.at },
      ];
    case 'step.progress':
      return change(view, event, (step) => ({
        ...step,
        progress: event,
        firstProgress: step.firstProgress ?? event,
        waiting: undefined,
      }));
    case 'step.waiting':
      return change(view, event, (step) => ({ ...step, waiting: event }));
    case 'step.finished':
    case 'step.failed':
      return without(view, event);
    case 'notice':
    case 'command.finished':
    case 'program.said':
      return view;
    default:
      return event satisfies never;
  }
}

/** Lines that an event leaves on the screen for good; `view` is the one before the event. */
export function settle(view: View, event: MachineEvent, options: DrawOptions): readonly string[] {
  const prefix = machinePrefix(event);
  switch (event.type) {
    case 'step.finished':
    case 'step.failed': {
      const step = view.find((each) => isSame(each, event));
      if (step === undefined) return [];
      const isDone = event.type === 'step.finished';
      const [done, failed] = options.unicode ? ['✓', '✗'] : ['+', 'x'];
      const mark = paint(isDone ? done : failed, isDone ? 'green' : 'red', options.color);
      const took = paint(formatDuration(event.at - step.startedAt), 'dim', options.color);
      return [`${mark} ${prefix}${step.title}  ${took}`];
    }
    case 'notice': {
      const isWarning = event.level === 'warning';
      return [`${isWarning ? paint('Warning: ', 'yellow', options.color) : ''}${prefix}${event.text}`];
    }
    case 'command.finished':
      return options.debug ? [paint(formatCommand(event), 'dim', options.color)] : [];
    case 'program.said':
      return options.debug ? [paint(formatSaid(event), 'dim', options.color)] : [];
    case 'step.started':
    case 'step.progress':
    case 'step.waiting':
      return [];
    default:
      return event satisfies never;
  }
}

/** The running steps as lines, none wider than the terminal, and not more than half of it high. */
export function draw(view: View, options: DrawOptions): readonly string[] {
  const sign = spinner[Math.floor(options.now / 120) % spinner.length];
  const most = Math.max(1, Math.floor(options.rows / 2));
  const room = Math.max(1, options.columns - 1);
  const hidden = view.length <= most ? [] : [cutToWidth(`  and ${view.length - most} more`, room)];
  const lines = view.slice(0, most).map((step) => {
    const head = `${sign} ${machinePrefix(step)}${step.title}`;
    const tail = [...describe(step, options.now)].map((part) => `  ${part}`).join('');
    const line = cutToWidth(head, room);
    const rest = line === head ? cutToWidth(tail, room - widthOf(line)) : '';
    return line + paint(rest, 'dim', options.color);
  });
  return [...lines, ...hidden];
}

function* describe(step: RunningStep, now: number): Generator<string> {
  const { progress, firstProgress, waiting } = step;
  if (progress !== undefined && progress.unit !== 'attempts') {
    yield formatProgress(progress);
    const elapsedMs = progress.at - (firstProgress?.at ?? progress.at);
    const bytesPerSecond = ((progress.done - (firstProgress?.done ?? 0)) * 1000) / elapsedMs;
    if (progress.unit === 'bytes' && elapsedMs >= 1000 && bytesPerSecond > 0) yield `${formatBytes(bytesPerSecond)}/s`;
  }
  const waitedMs = waiting === undefined ? 0 : waiting.elapsedMs + Math.max(0, now - waiting.at);
  if (waiting !== undefined && waitedMs >= patienceMs)
    yield `waiting for ${waiting.what}, ${Math.round(waitedMs / 1000)} s`;
  else if (now - step.startedAt >= patienceMs) yield `${Math.round((now - step.startedAt) / 1000)} s`;
}

type StepEvent = MachineEvent & { readonly step: string };

function isSame(step: RunningStep, event: StepEvent): boolean {
  return step.step === event.step && step.machine === event.machine;
}

function without(view: View, event: StepEvent): View {
  return view.filter((step) => !isSame(step, event));
}

function change(view: View, event: StepEvent, to: (step: RunningStep) => RunningStep): View {
  return view.map((step) => (isSame(step, event) ? to(step) : step));
}
