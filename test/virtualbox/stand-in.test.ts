import { execFile, spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/requires.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { tinyGuestImage } from '../support/tiny-guest.ts';
import { makeVBoxStandIn, type VBoxAnswer, type VBoxStandIn } from '../support/vboxmanage-stand-in.ts';
import { openVirtualBoxPlace, type VirtualBoxPlace } from '../support/virtualbox-place.ts';

// Calls that need no adapter and start nothing, so that they are answered alike everywhere. `HERE` is a folder.
const calls = `
createvm --basefolder HERE/m --name d1 --ostype Linux26_64 --register
createvm --basefolder HERE/m --name d1 --ostype Linux26_64 --register
createvm --basefolder HERE/m --name d2 --uuid 11111111-2222-3333-4444-555555555555 --register
createvm --basefolder HERE/m --name d3 --ostype NoSuch
createvm --basefolder HERE/m --name d4
registervm HERE/m/d4/d4.vbox
registervm HERE/m/d4/d4.vbox
registervm HERE/m/none/none.vbox
list vms
list -m vms runningvms
unregistervm d4
modifyvm d1 --nat-localhostreachable1 on --memory 700 --cpus=2 --boot1 dvd --boot2 none --x86-hpet on --acpi on
modifyvm d2 --ostype Linux26_64 --nic1 nat --nat-localhostreachable1 on
modifyvm d2 --memory 600 --cpus 99
modifyvm d2 --memory 3
modifyvm d2 --boot1 bogus
modifyvm d2 --nic1 bogus
modifyvm d2 --nictype1 bogus
modifyvm d2 --firmware bogus
modifyvm d1 --natpf1 ssh,tcp,127.0.0.1,22023,,22
modifyvm d1 --natpf1 ssh,tcp,127.0.0.1,22024,,22
modifyvm d1 --natpf1 other,tcp,127.0.0.1,22023,,22
modifyvm d1 --natpf1 b,udp,,5353,,53 --natpf1 ,tcp,127.0.0.1,2000,,22
modifyvm d1 --natpf1 delete none
modifyvm d1 --natpf1 delete b
modifyvm d1 --uart1 0x3F8 4 --uartmode1 file HERE/serial
modifyvm d1 --nic2 hostonly --hostonlyadapter2 vboxnet77 --nicpromisc2 deny --macaddress2 080027AABBCC
modifyvm d1 --macaddress1 0800271234567
createmedium disk --filename HERE/x.vmdk --size 64 --format VMDK
createmedium disk --filename HERE/x.vmdk --size 64 --format VMDK
convertfromraw stdin HERE/y.vmdk 67108864 --format VMDK
clonemedium disk HERE/y.vmdk HERE/z.vmdk
clonemedium disk HERE/y.vmdk HERE/z.vmdk
storagectl d1 --name SATA --add sata --hostiocache on --portcount 2
storagectl d1 --name SATA --add sata
storagectl d1 --name More --add sata
storagectl d1 --name IDE --add ide
storageattach d1 --storagectl SATA --port 0 --device 0 --type dvddrive --medium HERE/b.iso
storageattach d1 --storagectl SATA --port 1 --device 0 --type hdd --medium HERE/y.vmdk
storageattach d1 --storagectl SATA --port 2 --device 0 --type hdd --medium HERE/x.vmdk
storageattach d1 --storagectl SATA --port 31 --device 0 --type hdd --medium HERE/z.vmdk
storageattach d1 --storagectl SATA --port 3 --device 0 --type hdd --medium HERE/b.iso
storageattach d1 --storagectl SATA --port 3 --device 0 --type hdd --medium HERE/none.vmdk
storageattach d1 --storagectl SATA --port 3 --device 0 --type hdd --medium HERE/notes
storageattach d1 --storagectl None --port 3 --device 0 --type hdd --medium HERE/x.vmdk
storageattach d1 --storagectl IDE --port 1 --device 0 --type dvddrive --medium emptydrive
list hdds
list dvds
closemedium disk HERE/y.vmdk
closemedium disk HERE/x.vmdk --delete
storageattach d1 --storagectl SATA --port 2 --device 0 --medium none
storageattach d1 --storagectl SATA --port 2 --device 0 --medium none
closemedium disk HERE/x.vmdk --delete
storagectl d1 --name IDE --remove
sharedfolder add d1 --name home --hostpath HERE/share --automount
sharedfolder add d1 --name home --hostpath HERE/share --automount
sharedfolder add d1 --name none --hostpath HERE/none
sharedfolder add d1 --name two --hostpath HERE/share --readonly --auto-mount-point /mnt
sharedfolder remove d1 --name two
sharedfolder remove d1 --name two
guestproperty set d1 /a b
guestproperty enumerate d1
guestproperty get d1 /a
guestproperty get d1 /b
setextradata d1 k v
getextradata d1 k
getextradata d1 enumerate
showvminfo d1 --machinereadable
showvminfo d1
list --long vms
modifyvm d1 --name d5
showvminfo d5 --machinereadable
showvminfo d1 --machinereadable
dhcpserver add --netname one --ip 10.1.1.1 --netmask 255.255.255.0 --lowerip 10.1.1.2 --upperip 10.1.1.9 --enable
dhcpserver add --netname one --ip 10.1.1.1 --netmask 255.255.255.0 --lowerip 10.1.1.2 --upperip 10.1.1.9 --enable
dhcpserver add --netname two --ip 10.1.1.1 --netmask 255.255.255.0 --lowerip 10.2.1.2 --upperip 10.1.1.9 --enable
dhcpserver modify --netname one --disable --vm d5 --nic 1 --fixed-address 10.1.1.5
dhcpserver modify --netname one --mac-address 08:00:27:01:02:03 --fixed-address 10.1.1.6 --min-lease-time 600
dhcpserver modify --netname one --vm none --nic 1 --fixed-address 10.1.1.5
dhcpserver modify --netname none --enable
list dhcpservers
dhcpserver modify --netname one --vm d5 --nic 1 --remove-config
dhcpserver remove --netname one
dhcpserver remove --netname one
dhcpserver remove --netname two
hostonlyif ipconfig vboxnet77 --ip 192.168.56.1
hostonlyif remove vboxnet77
snapshot d5 take first
snapshot d5 list --machinereadable
snapshot d5 delete none
snapshot d5 delete first
controlvm d5 poweroff
controlvm none poweroff
discardstate d5
unregistervm d5 --delete
unregistervm d5 --delete
unregistervm d2
list vms
list hdds
`
  .trim()
  .split('\n');

const program = 'VBoxManage';
// The stand-in speaks the language of 7.2; other versions say some things otherwise.
const isSame = /^7\.2\./m.test(spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout ?? '');

describeWith(isSame ? [] : ['VBoxManage 7.2'], 'the stand-in answers as the VBoxManage of this computer', () => {
  let place: VirtualBoxPlace;
  let standIn: VBoxStandIn;
  let folder: Awaited<ReturnType<typeof makeTempFolder>>;
  const here = (who: 'real' | 'fake'): string => join(folder.path, who);

  beforeAll(async () => {
    [place, standIn, folder] = [await openVirtualBoxPlace(), await makeVBoxStandIn(), await makeTempFolder()];
    for (const who of ['real', 'fake'] as const) {
      await mkdir(join(here(who), 'share'), { recursive: true });
      await writeFile(join(here(who), 'b.iso'), tinyGuestImage({ says: '', obeysPowerButton: false }));
      await writeFile(join(here(who), 'notes'), 'no medium at all');
    }
  });
  afterAll(async () => {
    for (const made of [place, standIn, folder]) await made[Symbol.asyncDispose]();
  });

  test.each(calls)('%s', async (line) => {
    const words = (who: 'real' | 'fake'): readonly string[] => line.replaceAll('HERE', here(who)).split(' ');
    const real = await run(words('real'), place.env);
    const fake = await standIn.answer(words('fake'), { FAKE_VBOX_VERSION: await version() });
    expect(steady(fake, here('fake'))).toEqual(steady(real, here('real')));
  });

  let known = '';
  const version = async (): Promise<string> => {
    known ||= (await place.vboxManage('--version')).trim().split('\n').at(-1) ?? '';
    return known;
  };
});

function run(words: readonly string[], more: Readonly<Record<string, string>>): Promise<VBoxAnswer> {
  const env = { ...process.env, ...more, LC_ALL: 'C' };
  return new Promise((resolve) => {
    const child = execFile(program, [...words], { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
    });
    child.stdin?.end();
  });
}

/** Without what differs from one call to the next. */
function steady({ code, stdout, stderr }: VBoxAnswer, here: string): VBoxAnswer {
  const clean = (text: string): string =>
    text
      .replaceAll(here, 'HERE')
      .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z?/g, 'TIME')
      .replace(/080027[0-9A-F]{6}|08:00:27(:[0-9a-f]{2}){3}/g, 'MAC')
      .replace(/^VBoxManage: error: \S+\.cpp\[\d+\] .*\n/gm, '')
      .replace(/ at line \d+ of file /g, ' of file ')
      // VirtualBox tells of the NAT engine's default in one way at first and in another once it has read the settings.
      .replace(/(localhostReachable="|LocalhostReachable: )\d/g, '$1N')
      // Media come in the order they were made, until VirtualBox's service has been away for a moment.
      .replace(/^UUID: .*/s, (media) => media.split('\n\n').toSorted().join('\n\n'));
  return { code, stdout: clean(stdout), stderr: clean(stderr) };
}
