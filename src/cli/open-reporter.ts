import type { MachineEvent } from '../events/event.ts';
import { redact } from '../events/redact.ts';
import { chooseReport } from '../report/choose.ts';
import { createReporter, type Reporter } from '../report/reporter.ts';
import type { ProgramProcess } from './main.ts';
import type { GlobalValues } from './options.ts';

/** What a reporter needs to know; `severalMachines` asks for each machine's name before its lines. */
export interface ReporterOptions {
  readonly globals: GlobalValues;
  readonly severalMachines: boolean;
}

/** The reporter that the options and the terminal call for, on standard error. It hides secrets in what it shows. */
export function openReporter(
  { stderr, env, platform }: ProgramProcess,
  { globals, severalMachines }: ReporterOptions,
): Reporter {
  const output = {
    write: (text: string) => void stderr.write(text),
    columns: () => stderr.columns || 80,
    rows: () => stderr.rows || 24,
  };
  const style = chooseReport({ logFormat: globals.logFormat, isTTY: stderr.isTTY === true, env, platform });
  const reporter = createReporter(style, output, globals.debug);
  const namesMachines = severalMachines || style.kind === 'json';
  const shown = (event: MachineEvent): MachineEvent => (namesMachines ? event : { ...event, machine: undefined });
  return { ...reporter, report: (event) => reporter.report(redact(shown(event))) };
}
