import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openVBoxManage, type VBoxManage } from '../../../../drivers/virtualbox/vboxmanage.ts';
import { type ComputerChanges, VBoxManageBench } from '../../../support/vboxmanage-bench.ts';
import { recordingOf } from '../../../support/virtualbox-recordings.ts';

let bench: VBoxManageBench;
beforeEach(async () => {
  bench = await VBoxManageBench.make();
});
afterEach(async () => {
  await bench[Symbol.asyncDispose]();
});

async function open(script: string, changes?: ComputerChanges): Promise<VBoxManage> {
  await bench.program(script);
  return await openVBoxManage(bench.host(changes));
}

/** A script that counts its calls in `$n`, and prints a text kept in a file where it needs one. */
const counting = 'n=$(cat "$HERE/n" 2>/dev/null || echo 0); n=$((n + 1)); echo $n > "$HERE/n"\n';
const callCount = async (): Promise<number> => Number(await readFile(join(bench.root, 'n'), 'utf8'));

const notReady = recordedTransience(
  'VBoxManage: error: The object is not ready',
  'VBoxManage: error: Details: code E_ACCESSDENIED (0x80070005), component SessionMachine, interface IMachine, callee nsISupports',
  'VBoxManage: error: Context: "GetClipboardFileTransfersEnabled(&f)" at line 2428 of file VBoxManageInfo.cpp',
);
const locked = recordedTransience(
  "VBoxManage: error: The machine 'm1' is already locked for a session (or being unlocked)",
  'VBoxManage: error: Details: code VBOX_E_INVALID_OBJECT_STATE (0x80bb0007), component MachineWrap, interface IMachine, callee nsISupports',
  'VBoxManage: error: Context: "LockMachine(a->session, LockType_Write)" at line 901 of file VBoxManageModifyVM.cpp',
);

function recordedTransience(...lines: readonly string[]): string {
  return `cat >&2 <<'END'\n${lines.join('\n')}\nEND\n`;
}

describe('run()', () => {
  test('resolves with standard output alone, in lines that end with LF', async () => {
    const vboxManage = await open(`printf 'a="1"\\r\\nb="2"\\r\\n'; echo '0%...10%...100%' >&2`);
    expect(await vboxManage.run({ args: ['list', 'vms'] })).toBe('a="1"\nb="2"\n');
  });

  test('hands over arguments and input as they are', async () => {
    const vboxManage = await open(`printf '<%s>' "$@"; cat`);
    const args = ['convertfromraw', 'stdin', 'C:\\a b\\d.vmdk', '"', '$HOME', ''];
    expect(await vboxManage.run({ args, input: 'zeros' })).toBe(`${args.map((word) => `<${word}>`).join('')}zeros`);
  });

  test('does not mind a program that leaves its input unread', async () => {
    const vboxManage = await open(`echo done`);
    expect(await vboxManage.run({ args: ['convertfromraw'], input: new Uint8Array(8 << 20) })).toBe('done\n');
  });

  test.each([
    [
      'Debian',
      'WARNING: The character device /dev/vboxdrv does not exist.\n\t Please install it.\n\n\t You will not be able to start VMs until this problem is fixed.\n',
    ],
    [
      'Oracle',
      'WARNING: The vboxdrv kernel module is not loaded. Either there is no module\n         available\n\n           sudo /sbin/vboxconfig\n\n         You will not be able to start VMs until this problem is fixed.\n',
    ],
  ])(
    'leaves out the warnings that the start script of %s writes first, and keeps them for who asks',
    async (_, words) => {
      await writeFile(join(bench.root, 'warning'), words);
      const vboxManage = await open(`cat "$HERE/warning"; printf 'name="m1"\\n'`);
      expect(await vboxManage.run({ args: ['showvminfo', 'm1'] })).toBe('name="m1"\n');
      expect(vboxManage.warning()).toBe(words);
    },
  );

  test('takes an error on stderr for a failure, although the exit status is 0', async () => {
    const vboxManage = await open(`echo "VBoxManage: error: Could not find a registered machine named 'm1'" >&2`);
    await expect(vboxManage.run({ args: ['modifyvm', 'm1'] })).rejects.toMatchObject({ code: 'VBOX_VM_NOT_FOUND' });
  });

  test('takes a listing for an answer, although it complains of a VM that is inaccessible', async () => {
    const vboxManage = await open(`echo 'Name: x'; echo "VBoxManage: error: Runtime error opening '/x.vbox'" >&2`);
    expect(await vboxManage.run({ args: ['list', '--long', 'vms'] })).toBe('Name: x\n');
  });

  test('takes a warning for no failure', async () => {
    const { stderr } = recordingOf(136);
    const vboxManage = await open(`cat >&2 <<'END'\n${stderr}END`);
    expect(await vboxManage.run({ args: ['modifyvm', 'm1'] })).toBe('');
  });

  test('resolves with both streams where the failure is one the call accepts', async () => {
    const vboxManage = await open(`echo partly; echo 'VBoxManage: error: DHCP server already exists' >&2; exit 2`);
    const accepts = /DHCP server already exists/;
    expect(await vboxManage.run({ args: ['dhcpserver', 'add'], accepts })).toMatch(/^partly\n.*already exists\n$/);
    expect(await vboxManage.run({ args: ['dhcpserver', 'add'], accepts: /VBOX_DHCP_EXISTS/ })).toMatch(/^partly\n/);
    await expect(vboxManage.run({ args: ['dhcpserver', 'add'] })).rejects.toMatchObject({ code: 'VBOX_DHCP_EXISTS' });
  });

  test('keeps VirtualBox’s words English and its character set UTF-8', async () => {
    const vboxManage = await open(`echo "$LC_ALL"`, { env: { LANG: 'de_DE.UTF-8' } });
    expect(await vboxManage.run({ args: ['list'] })).toBe('C.UTF-8\n');
  });
});

describe('run() and what passes', () => {
  test('asks again while another VBoxManage disturbs, also when the exit status is 0', async () => {
    const vboxManage = await open(
      `${counting}[ $n = 1 ] && { ${notReady}exit 1; }\n[ $n = 2 ] && { ${notReady}exit 0; }\necho ok`,
    );
    expect(await vboxManage.run({ args: ['list', '--long', 'vms'] })).toBe('ok\n');
    expect(await callCount()).toBe(3);
  });

  test('gives up on a VM that stays locked, after a few seconds', async () => {
    const vboxManage = await open(`${counting}${locked}exit 1`);
    const startedAt = Date.now();
    await expect(vboxManage.run({ args: ['modifyvm', 'm1'] })).rejects.toMatchObject({ code: 'VBOX_VM_LOCKED' });
    expect(Date.now() - startedAt).toBeLessThan(8000);
    expect(await callCount()).toBeGreaterThan(3);
  }, 20_000);

  test('does not ask again where a lock is an answer the call accepts', async () => {
    const vboxManage = await open(`${counting}${locked}exit 1`);
    await vboxManage.run({ args: ['modifyvm', 'm1'], accepts: /already locked/ });
    expect(await callCount()).toBe(1);
  });

  test('makes a call that fails for good once', async () => {
    const vboxManage = await open(`${counting}cat >&2 <<'END'\n${recordingOf(7).stderr}END\nexit 1`);
    await expect(vboxManage.run({ args: ['showvminfo', 'm1'] })).rejects.toMatchObject({ code: 'VBOX_VM_NOT_FOUND' });
    expect(await callCount()).toBe(1);
  });

  test('lets the second failure be the reason where it is another one', async () => {
    const gone = `cat >&2 <<'END'\n${recordingOf(7).stderr}END\nexit 1`;
    const vboxManage = await open(`${counting}[ $n = 1 ] && { ${notReady}exit 1; }\n${gone}`);
    await expect(vboxManage.run({ args: ['showvminfo', 'm1'] })).rejects.toMatchObject({ code: 'VBOX_VM_NOT_FOUND' });
    expect(await callCount()).toBe(2);
  });
});

describe('run() of several at once', () => {
  /** Fails when it is not alone. */
  const alone = 'mkdir "$HERE/busy" || exit 9; sleep 0.1; rmdir "$HERE/busy"; echo ok';

  test('lets calls about one VM take turns, also those of other processes', async () => {
    const first = await open(alone);
    const second = await openVBoxManage(bench.host());
    const calls = [first, second, first, second].map(
      async (each) => await each.run({ args: ['showvminfo', 'm1', '--machinereadable'] }),
    );
    expect(await Promise.all(calls)).toEqual(['ok\n', 'ok\n', 'ok\n', 'ok\n']);
  });

  test('keeps nobody waiting with calls about another VM, or about none', async () => {
    const vboxManage = await open('[ "$1" = startvm ] && exec sleep 5; echo ok');
    const controller = new AbortController();
    const slow = await openVBoxManage(bench.host({ signal: controller.signal }));
    const starting = slow.run({ args: ['startvm', 'm1'] }).catch(() => 'ended');
    expect(await vboxManage.run({ args: ['showvminfo', 'm2'] })).toBe('ok\n');
    expect(await vboxManage.run({ args: ['list', 'vms'] })).toBe('ok\n');
    controller.abort();
    expect(await starting).toBe('ended');
  });
});

test.runIf(process.platform === 'linux')('run() does without turns where no lock can be written', async () => {
  // Nobody, root included, can make a folder there.
  const vboxManage = await open('echo ok', { lockDirectory: '/sys/tmachine-locks' });
  expect(await vboxManage.run({ args: ['showvminfo', 'm1'] })).toBe('ok\n');
});

describe('run() of a VBoxManage that does not answer', () => {
  test('ends it in time, with all that holds its outputs, and says what hung', async () => {
    const vboxManage = await open('sleep 20; echo late');
    const startedAt = Date.now();
    const failure = await vboxManage.run({ args: ['startvm', 'm1'], timeoutMs: 300 }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'VBOXMANAGE_HANGS' });
    expect(String(failure)).toMatch(
      /Cannot start "m1": VirtualBox does not answer: .*startvm m1" did not end within 0.3 s/,
    );
    expect(Date.now() - startedAt).toBeLessThan(5000);
  });

  test('says what it waits for while it takes long, also when that is another call', async () => {
    const vboxManage = await open('mkdir "$HERE/first" 2>/dev/null && exec sleep 3.3; true');
    await Promise.all(['pause', 'resume'].map((verb) => vboxManage.run({ args: ['controlvm', 'm1', verb] })));
    const waits = bench.events.filter((event) => event.type === 'step.waiting').map(({ what }) => what);
    expect(waits.sort()).toEqual(['VBoxManage controlvm', 'another call of VBoxManage about the machine']);
  }, 20_000);

  test('tells when something else ended it', async () => {
    const vboxManage = await open('kill -9 $$');
    await expect(vboxManage.run({ args: ['createvm', '--name', 'm1'] })).rejects.toMatchObject({
      code: 'VBOXMANAGE_KILLED',
      message: expect.stringMatching(/^Cannot create "m1": .* was ended by SIGKILL$/),
    });
  });

  test('ends with its signal, and frees the VM for others', async () => {
    const controller = new AbortController();
    await bench.program('[ "$1" = startvm ] && exec sleep 30; echo ok');
    const first = await openVBoxManage(bench.host({ signal: controller.signal }));
    const second = await openVBoxManage(bench.host());
    const starting = first.run({ args: ['startvm', 'm1'] }).catch((error: unknown) => error);
    const looking = second.run({ args: ['showvminfo', 'm1'] });
    setTimeout(() => controller.abort(), 200);
    expect(await starting).toMatchObject({ name: 'AbortError' });
    expect(await looking).toBe('ok\n');
  });
});

describe('version()', () => {
  test('asks once, and only when it is wanted', async () => {
    const vboxManage = await open(`${counting}echo 7.2.22_Debianr175245`);
    const versions = await Promise.all([vboxManage.version(), vboxManage.version()]);
    expect(versions[0]).toEqual({ major: 7, minor: 2, patch: 22, text: '7.2.22_Debianr175245' });
    expect(await callCount()).toBe(1);
  });

  test('refuses a program that names no version', async () => {
    const vboxManage = await open('echo Hello');
    await expect(vboxManage.version()).rejects.toMatchObject({ code: 'VBOXMANAGE_BROKEN', exitCode: 3 });
  });
});
