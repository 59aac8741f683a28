import { type TableMachine, templateHeadings, toTemplateRow } from './machine-table.ts';
import { formatTable } from './table.ts';
import { executeTemplate, parseTemplate } from './template/index.ts';

/**
 * Machines by a Go template. Behind the word `table` it makes aligned columns under headings; literal `\t` and `\n` stand
 * for tab and line feed.
 *
 * @throws TmachineError `TEMPLATE_INVALID`, `TEMPLATE_FAILED`.
 */
export function formatByTemplate(machines: readonly TableMachine[], format: string): string {
  const isTable = format.startsWith('table');
  const text = (isTable ? format.slice('table'.length).trimStart() : format)
    .replaceAll('\\t', '\t')
    .replaceAll('\\n', '\n');
  const template = parseTemplate(text);
  const lines = machines.map((machine) => executeTemplate(template, toTemplateRow(machine), { mode: 'struct' }));
  if (!isTable) return lines.map((line) => `${line}\n`).join('');
  const heading = executeTemplate(template, templateHeadings, { mode: 'headings' });
  const rows = [heading, ...lines].flatMap((line) => line.split('\n')).map((line) => line.split('\t'));
  return formatTable(rows);
}
