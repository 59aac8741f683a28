import type { MachineEvent } from '../events/event.ts';
import { formatCommand, formatDuration, formatProgress, formatSaid, machinePrefix } from './format.ts';

/** Silence longer than this is broken by a line. */
const patienceMs = 10_000;

/** What plain lines depend on besides the event: the title of each running step, and when it last had a line. */
export type PlainState = ReadonlyMap<string, { readonly title: string; readonly saidAt: number }>;

/** The lines that one event is worth, in docker-machine's manner, and the state after it. */
export function plainLines(state: PlainState, event: MachineEvent, debug: boolean): [readonly string[], PlainState] {
  const prefix = machinePrefix(event);
  switch (event.type) {
    case 'step.started':
      return [[`${prefix}${event.title}...`], note(state, event, { title: event.title, saidAt: event.at })];
    case 'step.progress':
      return sayLater(state, event, (title) => `${prefix}${title}: ${formatProgress(event)}`);
    case 'step.waiting':
      return sayLater(
        state,
        event,
        () => `${prefix}Still waiting for ${event.what} (${formatDuration(event.elapsedMs)})`,
      );
    case 'step.finished':
    case 'step.failed':
      return [[], note(state, event, undefined)];
    case 'notice':
      return [[`${prefix}${event.level === 'warning' ? 'Warning: ' : ''}${event.text}`], state];
    case 'command.finished':
      return [debug ? [formatCommand(event)] : [], state];
    case 'program.said':
      return [debug ? [formatSaid(event)] : [], state];
    default:
      return event satisfies never;
  }
}

type StepEvent = MachineEvent & { readonly step: string };

function sayLater(
  state: PlainState,
  event: StepEvent,
  line: (title: string) => string,
): [readonly string[], PlainState] {
  const known = state.get(keyOf(event));
  if (event.type === 'step.progress' && event.unit === 'attempts') return [[], state];
  const { title, saidAt } = known ?? { title: event.step, saidAt: event.at };
  if (event.at - saidAt < patienceMs) return [[], known === undefined ? note(state, event, { title, saidAt }) : state];
  return [[line(title)], note(state, event, { title, saidAt: event.at })];
}

function note(
  state: PlainState,
  event: StepEvent,
  value: { readonly title: string; readonly saidAt: number } | undefined,
): PlainState {
  const next = new Map(state);
  if (value === undefined) next.delete(keyOf(event));
  else next.set(keyOf(event), value);
  return next;
}

function keyOf(event: StepEvent): string {
  return `${event.machine ?? ''}/${event.step}`;
}
