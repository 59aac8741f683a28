import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { explainByLogs } from '../../../../drivers/virtualbox/explain-by-logs.ts';
import { explainVBoxFailure } from '../../../../drivers/virtualbox/failures.ts';
import { VBoxManageBench } from '../../../support/vboxmanage-bench.ts';
import { recordingOf } from '../../../support/virtualbox-recordings.ts';

const { argv, code, stdout, stderr } = recordingOf(338);
const ended = explainVBoxFailure(
  { args: argv.slice(1), exitCode: code, stdout, stderr },
  { machine: 'm1', platform: 'linux' },
);

/** Lines in the form of VirtualBox’s logs, those of a normal start among them. */
const logs = {
  'VBoxHardening.log':
    "1a2c.3f4: Log file opened: 7.2.4r170995 g_hStartupLog=0000000000000094\n1a2c.3f4: supR3HardenedWinInitAppBin(0x0): '\\Device\\HarddiskVolume3\\Program Files\\Oracle\\VirtualBox'\n",
  'VBox.log':
    '00:00:01.1 VirtualBox VM 7.2.4 r170995 win.amd64 release log\n00:00:01.2 NEM: info: Not in a hypervisor partition (VERR_NEM_NOT_AVAILABLE)\n00:00:02.1 VMSetError: VMMR3/VM.cpp(361) int VMR3Create(); rc=VERR_SVM_DISABLED\n00:00:02.2 Power up failed (vrc=VERR_SVM_DISABLED, hrc=E_FAIL (0X80004005))\n',
};

test.each([
  ['VBOX_NO_HARDWARE_VIRTUALIZATION', logs],
  [
    'VBOX_HARDENING',
    {
      'VBoxHardening.log': `${logs['VBoxHardening.log']}1a2c.3f4: Error -5619 in supR3HardenedWinReSpawn! (enmWhat=3)\n`,
      'VBox.log': logs['VBox.log'],
    },
  ],
  ['VBOX_KERNEL_MODULE', { 'VBoxHardening.log': 'VBoxHeadless: Error -1908 in suplibOsInit!\n' }],
  ['VBOX_VM_ENDED', { 'VBoxHardening.log': logs['VBoxHardening.log'] }],
  ['VBOX_VM_ENDED', {}],
])('explainByLogs() finds %s', async (expected, files) => {
  await using bench = await VBoxManageBench.make();
  const folder = join(bench.root, 'Logs');
  await mkdir(folder);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  expect(await explainByLogs(bench.host(), folder, ended)).toMatchObject({
    code: expected,
    message: expect.stringMatching(/^Cannot start "m1": [^\n]+$/),
  });
});

test('explainByLogs() leaves any other failure as it is', async () => {
  await using bench = await VBoxManageBench.make();
  const failure = new Error('The moon is full');
  expect(await explainByLogs(bench.host(), bench.root, failure)).toBe(failure);
});
