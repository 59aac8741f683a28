import { executeOn } from './execute-template.ts';
import { type ListItem, listItemValue } from './list-item.ts';
import type { Template } from './node.ts';
import { fromJson, stringMap } from './value.ts';

export type { ListItem } from './list-item.ts';
export type { Template } from './node.ts';
export { parseTemplate } from './parse-template.ts';

/**
 * Fills a template with parsed JSON, as `inspect -f` does: objects are maps, where missing keys print `<no value>`,
 * and numbers are floats.
 * @throws TmachineError TEMPLATE_FAILED with Go's message and the place of the fault
 */
export function executeTemplate(template: Template, data: unknown): string {
  return executeOn(template, fromJson(data));
}

/**
 * Fills a template with a row of `ls`: a struct, where unknown fields are errors.
 * @throws TmachineError TEMPLATE_FAILED with Go's message and the place of the fault
 */
export function executeListTemplate(template: Template, item: ListItem): string {
  return executeOn(template, listItemValue(item));
}

/**
 * Fills a template with the headers of `ls`, by field; unknown fields print `<no value>`.
 * @throws TmachineError TEMPLATE_FAILED with Go's message and the place of the fault
 */
export function executeHeaderTemplate(template: Template, headers: Readonly<Record<string, string>>): string {
  return executeOn(template, stringMap(headers));
}
