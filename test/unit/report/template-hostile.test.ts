import { expect, test } from 'vitest';
import { executeTemplate, type ListItem, parseTemplate } from '../../../src/report/template/index.ts';

function run(template: string, data: unknown = {}): string {
  return executeTemplate(parseTemplate(template), data);
}

test('parseTemplate() refuses parentheses nested without end', () => {
  expect(() => parseTemplate(`{{${'('.repeat(100_000)}`)).toThrow('template: :1: nested more than 500 levels deep');
});

test('parseTemplate() refuses conditions nested without end', () => {
  expect(() => parseTemplate('{{if 1}}'.repeat(50_000))).toThrow('nested more than 500 levels deep');
});

test('executeTemplate() ends a template that calls itself', () => {
  const message = 'template: :1:25: executing "a" at <{{template "a" .}}>: exceeded maximum template depth (500)';
  expect(() => run('{{define "a"}}{{template "a" .}}{{end}}{{template "a" .}}')).toThrow(message);
});

test('parseTemplate() takes time in proportion to the text', () => {
  const started = process.cpuUsage();
  const hostile = ['{{.a', '{{"', '{{ ', '{{- ', '\n', '{{1_', '{{`', "{{'", '{{/*', '{{.a}}', '{{1.', ' -', '}}'];
  for (const piece of hostile) {
    try {
      run(piece.repeat(20_000));
    } catch {
      // Only the time is of interest.
    }
  }
  // Processor time, because other work on the computer must not count; a square of this length would take minutes.
  expect(process.cpuUsage(started).user / 1e6).toBeLessThan(10);
});

test('executeTemplate() sees only own keys, __proto__ and constructor included', () => {
  const data: unknown = JSON.parse('{"__proto__": {"a": 1}, "b": 2}');
  expect(run('{{.constructor}} {{.toString}} {{.__proto__.a}} {{len .}} {{.a}}', data)).toBe(
    '<no value> <no value> 1 2 <no value>',
  );
});

test('parseTemplate() knows no function by the name of a member of objects', () => {
  expect(() => parseTemplate('{{constructor}}')).toThrow('function "constructor" not defined');
});

test('executeTemplate() prints texts of 1 MiB', () => {
  expect(run('{{printf "%s" .text | upper | len}}', { text: 'x'.repeat(2 ** 20) })).toBe('1048576');
});

test('executeTemplate() reads a row that lacks stored options as zero values', () => {
  const item: ListItem = {
    Name: 'a',
    Active: '-',
    ActiveHost: false,
    ActiveSwarm: false,
    DriverName: 'none',
    State: 'Unheard',
    URL: '',
    SwarmOptions: {},
    Swarm: '',
    EngineOptions: { Labels: 'wrong', TlsVerify: 'wrong' },
    Error: '',
    DockerVersion: '',
    ResponseTime: 0.4,
  };
  const template =
    '{{.State}} {{.ResponseTime}} {{.SwarmOptions.Heartbeat}} {{.EngineOptions.Labels}} {{.EngineOptions.TLSVerify}}';
  expect(executeTemplate(parseTemplate(template), item, { mode: 'struct' })).toBe('Unheard 0s 0 [] false');
});

test('executeTemplate() shows what a pointer inside a row points at, where Go shows an address', () => {
  const item = { Name: 'a', SwarmOptions: null, EngineOptions: { Labels: ['x=y'] }, ResponseTime: 12_000_000 };
  const text = executeTemplate(parseTemplate('{{.}}'), { ...blank, ...item }, { mode: 'struct' });
  expect(text).toBe('{a  false false    <nil>  &{[] []  [] false [] [x=y]   false false [] }   12ms}');
});

const blank: ListItem = {
  Name: '',
  Active: '',
  ActiveHost: false,
  ActiveSwarm: false,
  DriverName: '',
  State: '',
  URL: '',
  SwarmOptions: null,
  Swarm: '',
  EngineOptions: null,
  Error: '',
  DockerVersion: '',
  ResponseTime: 0,
};

test('executeTemplate() takes headings in the place of a row', () => {
  const headings = {
    ...blank,
    State: 'STATE',
    ActiveHost: 'ACTIVE_HOST',
    ResponseTime: 'RESPONSE',
    SwarmOptions: 'SWARM',
  };
  const template = parseTemplate('{{.State}} {{.ActiveHost}} {{.ResponseTime}} {{.SwarmOptions}}');
  expect(executeTemplate(template, headings, { mode: 'struct' })).toBe('STATE ACTIVE_HOST RESPONSE SWARM');
});
