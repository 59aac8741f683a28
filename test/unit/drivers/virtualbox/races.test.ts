import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseVmInfo } from '../../../../drivers/virtualbox/parse-vm-info.ts';
import { openVBoxManage } from '../../../../drivers/virtualbox/vboxmanage.ts';
import { VBoxManageBench } from '../../../support/vboxmanage-bench.ts';
import { makeVBoxStandIn } from '../../../support/vboxmanage-stand-in.ts';

/** VirtualBox refuses calls about one VM that overlap; nobody who asks through us should notice. */
test.each([
  ['one store', () => 'locks'],
  ['stores that know nothing of each other', (caller: number) => `locks-${caller}`],
])(
  'run() by several at once, of %s, is answered each time',
  async (_, lockFolder) => {
    await using bench = await VBoxManageBench.make();
    await using standIn = await makeVBoxStandIn({ FAKE_VBOX_RACES: '1' });
    await standIn.ask(['createvm', '--basefolder', standIn.path, '--name', 'm1', '--register']);
    const callers = [0, 1, 2].map(
      async (caller) =>
        await openVBoxManage(bench.host({ env: standIn.env, lockDirectory: join(bench.root, lockFolder(caller)) })),
    );
    const [reader, writer, other] = await Promise.all(callers);
    const show = { args: ['showvminfo', 'm1', '--machinereadable'] };
    const answers = await Promise.all([
      reader?.run(show),
      writer?.run({ args: ['modifyvm', 'm1', '--memory', '333'] }),
      other?.run(show),
    ]);
    expect([answers[0], answers[2]].map((text) => parseVmInfo(text ?? '').state)).toEqual(['poweroff', 'poweroff']);
    expect(parseVmInfo((await reader?.run(show)) ?? '').memoryMb).toBe(333);
  },
  60_000,
);
