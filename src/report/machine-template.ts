import { type TableMachine, templateHeadings, toTemplateRow } from './machine-table.ts';
import { formatTable } from './table.ts';
import { executeTemplate, parseTemplate } from './template/index.ts';

/**
 * What makes text of machines by a Go template. Behind the word `table` it makes aligned columns under headings; literal `\t` and `\n`
 * stand for tab and line feed.
 *
 * @throws TmachineError `TEMPLATE_INVALID` at once, `TEMPLATE_FAILED` when it is used.
 */
export function compileRows(format: string): (machines: readonly TableMachine[]) => string {
  const isTable = format.startsWith('table');
  const text = (isTable ? format.slice('table'.length).trimStart() : format)
    .replaceAll('\\t', '\t')
    .replaceAll('\\n', '\n');
  const template = parseTemplate(text);
  return (machines) => {
    const lines = machines.map((machine) => executeTemplate(template, toTemplateRow(machine), { mode: 'struct' }));
    if (!isTable) return lines.map((line) => `${line}\n`).join('');
    const heading = executeTemplate(template, templateHeadings, { mode: 'headings' });
    const rows = [heading, ...lines].flatMap((line) => line.split('\n')).map((line) => line.split('\t'));
    return formatTable(rows);
  };
}
