import { expect, test } from 'vitest';
import { column } from '../../support/virtualbox-place.ts';
import type { VirtualBoxStore } from '../../support/virtualbox-store.ts';

/** Section 5 of the walkthrough: the DHCP server gives the guest another address than its certificate names. */
export function movedAddressCases(lab: () => VirtualBoxStore): void {
  let old = '';
  let moved = '';

  test('a guest that VirtualBox started with another lease is refused in the words of the walkthrough', async () => {
    const { store, place } = lab();
    const { IPAddress, ...driver } = (await store.config('myhost')).Driver;
    old = IPAddress;
    moved = old.replace(/\d+$/, (last) => String(Number(last) === 177 ? 178 : 177));
    await store.ask('stop', 'myhost');
    const id = String(driver['VMID']);
    await forceLease(lab(), id, moved);
    await place.vboxManage('startvm', id, '--type', 'headless');
    const said = [
      'Error checking TLS connection: Error checking and/or regenerating the certs: There was an error validating ' +
        `certificates for host "${moved}:2376": x509: certificate is valid for ${old}, not ${moved}`,
      "You can attempt to regenerate them using 'tmachine regenerate-certs [name]'.",
      'Be advised that this will trigger a Docker daemon restart which might stop running containers.',
      '',
    ].join('\n');
    await expect
      .poll(async () => await store.tmachine(['env', 'myhost']), { timeout: 400_000, interval: 2000 })
      .toEqual({ exitCode: 1, stdout: '', stderr: said });
  });

  test('regenerate-certs, answered with y, mends it', async () => {
    const { store } = lab();
    const { exitCode, stdout, stderr } = await store.tmachine(['regenerate-certs', 'myhost'], { input: 'y\n' });
    expect(exitCode, stderr).toBe(0);
    expect(stdout + stderr).toContain('Regenerate TLS machine certs?  Warning: this is irreversible. (y/n): ');
    expect(await store.ask('env', '--shell', 'bash', 'myhost')).toContain(`"tcp://${moved}:2376"`);
    expect(await store.ask('ip', 'myhost')).toBe(`${moved}\n`);
  });

  test('start after a lease was changed ends with an engine that answers', async () => {
    const { store } = lab();
    await store.ask('stop', 'myhost');
    await forceLease(lab(), String((await store.config('myhost')).Driver['VMID']), old);
    await store.ask('start', 'myhost');
    const { IPAddress } = (await store.config('myhost')).Driver;
    expect(await store.ask('env', '--shell', 'bash', 'myhost')).toContain(`"tcp://${IPAddress}:2376"`);
    expect(await store.ask('ssh', 'myhost', 'ip -4 addr show eth1')).toContain(`inet ${IPAddress}/`);
  });
}

/** Gives the second card of a VM that is off another fixed address, behind the back of whoever gave it one. */
async function forceLease({ place }: VirtualBoxStore, id: string, address: string): Promise<void> {
  const info = await place.vboxManage('showvminfo', id, '--machinereadable');
  const [, mac = ''] = /^macaddress2="(\w+)"/m.exec(info) ?? [];
  const [, adapter = ''] = /^hostonlyadapter2="(.+)"/m.exec(info) ?? [];
  const network = column(await place.vboxManage('list', 'dhcpservers'), 'NetworkName').find((name) =>
    name.endsWith(`-${adapter}`),
  );
  const change = ['dhcpserver', 'modify', '--netname', network ?? ''];
  const card = (mac.match(/../g) ?? []).join(':').toLowerCase();
  // Both ways of naming a card: whichever was used before gives way.
  await place.vboxManage(...change, '--vm', id, '--nic', '2', '--remove-config');
  await place.vboxManage(...change, '--mac-address', card, '--fixed-address', address);
}
