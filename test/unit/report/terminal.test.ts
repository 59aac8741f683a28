import { expect, test } from 'vitest';
import { createTerminalReporter } from '../../../src/report/terminal.ts';

test('a terminal reporter erases what it drew before it writes again, and draws nothing while suspended', () => {
  const written: string[] = [];
  const output = { write: (text: string) => void written.push(text), columns: () => 80, rows: () => 24 };
  const reporter = createTerminalReporter(output, { color: false, unicode: true, debug: false });
  const at = Date.now();
  reporter.report({ at, type: 'step.started', step: 'a', title: 'First' });
  expect(written.at(-1)).toMatch(/^[|/\\-] First\n$/);
  reporter.report({ at, type: 'step.started', step: 'b', title: 'Second' });
  expect(written.at(-1)?.split('\n')[0]).toMatch(/[|/\\-] First$/);
  expect(written.at(-1)?.startsWith('\r\u001b[1A\u001b[J')).toBe(true);
  reporter.suspend();
  expect(written.at(-1)).toBe('\r\u001b[2A\u001b[J');
  reporter.report({ at, type: 'notice', level: 'info', text: 'heard' });
  expect(written.at(-1)).toBe('heard\n');
  reporter.resume();
  expect(written.at(-1)).toMatch(/^[|/\\-] First\n[|/\\-] Second\n$/);
  reporter.close();
  expect(written.at(-1)).toBe('\r\u001b[2A\u001b[J');
});
