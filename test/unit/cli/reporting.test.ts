import { expect, test } from 'vitest';
import { createReporting } from '../../../src/cli/reporting.ts';
import type { Reporter } from '../../../src/report/reporter.ts';

function recorder(): { readonly said: string[]; open(): Promise<Reporter> } {
  const said: string[] = [];
  const reporter: Reporter = {
    report: (event) => void said.push(`${event.machine ?? ''}:${event.type}`),
    suspend: () => void said.push('suspend'),
    resume: () => void said.push('resume'),
    close: () => void said.push('close'),
  };
  return { said, open: async () => reporter };
}

const notice = { type: 'notice', level: 'info', text: 'x' } as const;

test('what is written without any event needs no reporter', async () => {
  const { said, open } = recorder();
  const reporting = createReporting(open);
  reporting.write(() => said.push('written'));
  await reporting.close();
  expect(said).toEqual(['written']);
});

test('events and writes keep their order while the reporter is loaded', async () => {
  const { said, open } = recorder();
  const reporting = createReporting(open);
  reporting.emit('dev', notice);
  reporting.write(() => said.push('written'));
  reporting.emit(undefined, notice);
  expect(said).toEqual([]);
  await reporting.close();
  expect(said).toEqual(['dev:notice', 'suspend', 'written', 'resume', ':notice', 'close']);
});

test('aside() lets nothing be drawn, also when its work fails', async () => {
  const { said, open } = recorder();
  const work = createReporting(open).aside(async () => {
    said.push('asked');
    throw new Error('no answer');
  });
  await expect(work).rejects.toThrow('no answer');
  expect(said).toEqual(['suspend', 'asked', 'resume']);
});

test('history() keeps the newest 500 events', () => {
  const reporting = createReporting(recorder().open);
  for (let at = 0; at < 510; at += 1) reporting.emit(String(at), notice);
  expect([reporting.history().length, reporting.history()[0]?.machine]).toEqual([500, '10']);
});
