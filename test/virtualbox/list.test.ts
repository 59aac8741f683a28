import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/requires.ts';
import { runTmachine } from '../support/run-tmachine.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { openVirtualBoxPlace, type VirtualBoxPlace } from '../support/virtualbox-place.ts';

const names = Array.from({ length: 20 }, (_, index) => `machine${index + 1}`);

describeWith(['VBoxManage'], 'ls of twenty VirtualBox machines', () => {
  let place: VirtualBoxPlace;
  let folder: Awaited<ReturnType<typeof makeTempFolder>>;
  beforeAll(async () => {
    place = await openVirtualBoxPlace();
    folder = await makeTempFolder();
    for (const name of names) await addStopped(place, folder.path, name);
  }, 120_000);
  afterAll(async () => {
    await place?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  const ls = async (...words: readonly string[]): Promise<string> => {
    const result = await runTmachine(['ls', ...words], {
      env: { ...place.env, HOME: folder.path, MACHINE_STORAGE_PATH: folder.path },
    });
    expect(result.exitCode, result.stderr).toBe(0);
    return result.stdout;
  };

  test('needs two calls at most, however many machines there are', async () => {
    await place.takeCalls();
    const rows = await ls('-f', '{{.Name}} {{.State}} {{.Error}}');
    expect(rows).toBe(names.map((name) => `${name} Stopped \n`).join(''));
    const calls = await place.takeCalls();
    expect(calls.length, calls.join('\n')).toBeLessThanOrEqual(2);
  });

  test('a VM deleted in VirtualBox itself is an error in its own row only', async () => {
    await place.vboxManage('unregistervm', 'machine7', '--delete');
    const rows = (await ls('-f', '{{.Name}} {{.State}}')).trimEnd().split('\n');
    expect(rows).toEqual(names.map((name) => (name === 'machine7' ? 'machine7 Error' : `${name} Stopped`)));
  });

  test('a VM renamed in VirtualBox itself is still the machine', async () => {
    await place.vboxManage('modifyvm', 'machine8', '--name', 'something else');
    expect(await ls('-f', '{{.Name}} {{.State}}', '--filter', 'name=^machine8$')).toBe('machine8 Stopped\n');
  });
});

/** A VM that never ran, and a record of it. */
async function addStopped(place: VirtualBoxPlace, root: string, name: string): Promise<void> {
  const directory = join(root, 'machines', name);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const made = await place.vboxManage('createvm', '--basefolder', directory, '--name', name, '--register');
  const [, id] = /^UUID: (\S+)$/m.exec(made) ?? [];
  const Driver = { MachineName: name, IPAddress: '192.168.56.7', SSHUser: 'docker', SSHPort: 22022, VMID: id };
  const record = { ConfigVersion: 3, Driver, DriverName: 'virtualbox', HostOptions: {}, Name: name };
  await writeFile(join(directory, 'config.json'), JSON.stringify(record), { mode: 0o600 });
}
