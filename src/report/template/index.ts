import { executeOn } from './execute-template.ts';
import { type ListItem, listItemValue } from './list-item.ts';
import type { Template } from './node.ts';
import { fromJson, stringMap, type Value } from './value.ts';

export type { ListItem } from './list-item.ts';
export type { Template } from './node.ts';
export { parseTemplate } from './parse-template.ts';

/** What the values of a template are to Go; this decides how missing names and numbers behave. */
export interface TemplateOptions {
  /**
   * `map` (unless told): parsed JSON, as in `inspect -f`; missing keys print `<no value>` and numbers are floats.
   * `struct`: a {@link ListItem}, as in `ls -f`; unknown fields are errors.
   * `headings`: the headings of `ls` by field; unknown fields print `<no value>`.
   */
  readonly mode?: 'map' | 'struct' | 'headings' | undefined;
}

/**
 * Fills a template, printing what Go's `text/template` would print.
 * @throws TmachineError TEMPLATE_FAILED with Go's message and the place of the fault
 */
export function executeTemplate(template: Template, data: unknown, options: TemplateOptions = {}): string {
  return executeOn(template, toValue(data, options));
}

function toValue(data: unknown, { mode }: TemplateOptions): Value {
  if (mode === 'struct') return listItemValue(data as ListItem);
  return mode === 'headings' ? stringMap(data as Readonly<Record<string, string>>) : fromJson(data);
}
