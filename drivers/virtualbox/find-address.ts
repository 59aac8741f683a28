import type { VirtualBoxMachine } from './machine.ts';

/**
 * Where the running guest says it is, else where VirtualBox says so; nothing while nobody knows. The console of our own
 * guest costs no call of VBoxManage, guest additions and the DHCP server's book one each.
 */
export async function findAddress(machine: VirtualBoxMachine): Promise<string | undefined> {
  const { host, files, data } = machine;
  const { KeepsConsole, HostOnlyMAC } = data();
  const told = KeepsConsole
    ? parseConsoleAddress(await host.files.readTail(files.console, tailBytes), HostOnlyMAC)
    : '';
  if (told) return told;
  const vboxManage = await machine.vboxManage();
  const property = await vboxManage.run({
    args: ['guestproperty', 'get', machine.vm(), '/VirtualBox/GuestInfo/Net/1/V4/IP'],
    accepts: /.*/,
  });
  const reported = /^Value: (\d+\.\d+\.\d+\.\d+)$/m.exec(property)?.[1];
  return reported ?? (await findLease(machine));
}

const tailBytes = 1024 * 1024;

/** The address that our guest last told for the card with this MAC: `tmachine-address: 08:00:27:0a:0b:0c 192.168.99.100`. */
export function parseConsoleAddress(console: string, macAddress: string): string | undefined {
  const told = [...console.matchAll(/^tmachine-address: ([\da-f:]{17}) (\d+\.\d+\.\d+\.\d+)\r?$/gm)];
  return told.findLast(([, mac]) => mac?.replaceAll(':', '').toUpperCase() === macAddress.toUpperCase())?.[2];
}

async function findLease(machine: VirtualBoxMachine): Promise<string | undefined> {
  const { HostOnlyKind, HostOnlyName, HostOnlyMAC } = machine.data();
  if (HostOnlyKind !== 'adapter' || HostOnlyMAC === '') return undefined;
  const vboxManage = await machine.vboxManage();
  const lease = await vboxManage.run({
    args: ['dhcpserver', 'findlease', `--interface=${HostOnlyName}`, `--mac-address=${HostOnlyMAC}`],
    accepts: /.*/,
  });
  return /^IP Address: *(\d+\.\d+\.\d+\.\d+)/m.exec(lease)?.[1];
}
