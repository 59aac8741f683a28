import { expect, test } from 'vitest';
import type { MachineRow } from '../../../src/machine/list.ts';
import { planLastSeen } from '../../../src/machine/remember-seen.ts';

const row = (name: string, state: MachineRow['state'], url = ''): MachineRow => ({ name, state, url }) as MachineRow;

test('planLastSeen() keeps what a silent machine said before, and the address of one that is off', () => {
  const before = new Map([
    ['silent', { state: 'Running', url: 'tcp://1.2.3.4:2376' }],
    ['off', { state: 'Running', url: 'tcp://1.2.3.5:2376' }],
    ['gone', { state: 'Stopped', url: '' }],
    ['hidden', { state: 'Saved', url: '' }],
  ]);
  const rows = [
    row('silent', 'Timeout'),
    row('off', 'Stopped'),
    row('new', 'Running', 'tcp://1.2.3.6:2376'),
    row('bad', 'Error'),
  ];
  expect(Object.fromEntries(planLastSeen(before, rows, ['silent', 'off', 'new', 'bad', 'hidden']))).toEqual({
    silent: { state: 'Running', url: 'tcp://1.2.3.4:2376' },
    off: { state: 'Stopped', url: 'tcp://1.2.3.5:2376' },
    hidden: { state: 'Saved', url: '' },
    new: { state: 'Running', url: 'tcp://1.2.3.6:2376' },
  });
});
