import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { TmachineError } from '../../../src/errors/tmachine-error.ts';
import { executeTemplate, parseTemplate, type Template } from '../../../src/report/template/index.ts';

interface Case {
  readonly data: string;
  readonly template: string;
  readonly output?: string;
  readonly stage?: 'parse' | 'execute';
  readonly error?: string;
}

const folder = new URL('../../fixtures/go-template/', import.meta.url);
const cases: readonly Case[] = JSON.parse(readFileSync(new URL('cases.json', folder), 'utf8'));
const data: Readonly<Record<string, unknown>> = JSON.parse(readFileSync(new URL('data.json', folder), 'utf8'));

const modes = { map: 'map', row: 'struct', headers: 'headings' } as const;

function execute(template: Template, name: string): string {
  const kind = name.slice(0, name.indexOf('/')) as keyof typeof modes;
  return executeTemplate(template, data[name], { mode: modes[kind] });
}

function answer({ data: name, template }: Case): Omit<Case, 'data' | 'template'> {
  let stage: 'parse' | 'execute' = 'parse';
  try {
    const parsed = parseTemplate(template);
    stage = 'execute';
    return { output: execute(parsed, name) };
  } catch (error) {
    if (!(error instanceof TmachineError)) throw error;
    expect(error.code).toBe(stage === 'parse' ? 'TEMPLATE_INVALID' : 'TEMPLATE_FAILED');
    return { stage, error: error.message.replace(/^template parsing error: /, '') };
  }
}

describe.each([...new Set(cases.map((one) => one.data))])('templates answer as Go does over %s', (name) => {
  test.each(cases.filter((one) => one.data === name))('$template', (one) => {
    const { data: _name, template: _template, ...expected } = one;
    expect(answer(one)).toEqual(expected);
  });
});
