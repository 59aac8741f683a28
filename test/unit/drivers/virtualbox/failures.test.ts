import { describe, expect, test } from 'vitest';
import { explainVBoxFailure, type FailurePlace, findReason } from '../../../../drivers/virtualbox/failures.ts';
import { recordings } from '../../../support/virtualbox-recordings.ts';

const place: FailurePlace = { machine: 'm1', platform: 'linux' };
const failed = recordings
  .filter(({ code }) => code !== 0)
  .map(({ name, argv, code, stdout, stderr }) => ({ name, args: argv.slice(1), exitCode: code, stdout, stderr }));

function call(words: string, stderr: string, stdout = ''): Parameters<typeof findReason>[0] {
  return { args: words.split(' '), exitCode: 1, stdout, stderr };
}

describe('failures that were recorded', () => {
  test('findReason() knows all of them and tells them apart', () => {
    const names = new Map<string, string>();
    for (const one of failed) {
      const code = findReason(one, place)?.code ?? 'unknown';
      names.set(code, `${names.get(code) ?? ''} ${one.name.slice(0, 3)}`.trim());
    }
    expect(Object.fromEntries(names)).toEqual({
      OPTION_INVALID: '077 104 105 106 109 110 149',
      VBOX_ADAPTER_GONE: '118 119 120 133 135 147 216',
      VBOX_CALL_UNKNOWN: '004 026 107 108 113 115 122 123 311',
      VBOX_CONTROLLER_EXISTS: '081',
      VBOX_CONTROLLER_GONE: '085',
      VBOX_DHCP_EXISTS: '124 125',
      VBOX_DHCP_GONE: '129 132',
      VBOX_DHCP_INVALID: '130',
      VBOX_FILE_EXISTS: '014 016',
      VBOX_KERNEL_MODULE: '117 215 339',
      VBOX_MEDIUM_GONE: '309',
      VBOX_MEDIUM_MISSING: '084',
      VBOX_NAT_RULE_EXISTS: '099 100',
      VBOX_NAT_RULE_GONE: '097',
      VBOX_NAT_RULE_INVALID: '101',
      VBOX_NOT_IMPLEMENTED: '207',
      VBOX_NO_ADAPTER: '208',
      VBOX_NO_FRONT_END: '150 152',
      VBOX_SHARE_EXISTS: '092',
      VBOX_SHARE_MISSING: '093 094',
      VBOX_VM_ENDED: '151 338',
      VBOX_VM_LEFT_OVER: '023',
      VBOX_VM_LOCKED: '304 305 306 310',
      VBOX_VM_NOT_FOUND: '007 008 009 010 011',
      VBOX_VM_NOT_RUNNING: '139 140 141 142 143 144 145 146 327',
      VBOX_VM_STATE: '312 315 316 318 321',
    });
  });

  test.each(failed.map((one) => [one.name, one] as const))(
    'explainVBoxFailure() makes one sentence of %s',
    (_, one) => {
      const { message, hint } = explainVBoxFailure(one, place);
      expect(message).toMatch(/^Cannot [a-z]+ .+: [^\n]+[^.\n]$/);
      expect(`${message} ${hint}`).not.toMatch(/\$(?!\()|0x8|\.cpp/);
    },
  );

  test('no recording of a success is taken for a failure by its text', () => {
    const wrong = recordings
      .filter(({ code }) => code === 0)
      .filter(({ argv, stdout, stderr }) => findReason({ args: argv.slice(1), exitCode: 0, stdout, stderr }, place));
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });
});

/** What VirtualBox of several versions and systems wrote, for users who told of it in public, or in a laboratory. */
const seen: readonly (readonly [code: string, words: string, stderr: string, stdout?: string])[] = [
  [
    'VBOX_NO_HARDWARE_VIRTUALIZATION',
    'startvm m1 --type headless',
    'VBoxManage.exe: error: Not in a hypervisor partition (HVP=0) (VERR_NEM_NOT_AVAILABLE).\r\nVBoxManage.exe: error: VT-x is disabled in the BIOS for all CPU modes (VERR_VMX_MSR_ALL_VMX_DISABLED)\r\nVBoxManage.exe: error: Details: code E_FAIL (0x80004005), component ConsoleWrap, interface IConsole\r\n',
  ],
  [
    'VBOX_NO_HARDWARE_VIRTUALIZATION',
    'startvm m1',
    'VBoxManage.exe: error: Not in a hypervisor partition (HVP=0) (VERR_NEM_NOT_AVAILABLE).\nVBoxManage.exe: error: AMD-V is disabled in the BIOS (or by the host OS) (VERR_SVM_DISABLED)\n',
  ],
  [
    'VBOX_NO_HARDWARE_VIRTUALIZATION',
    'startvm m1',
    'VBoxManage: error: VT-x is not available (VERR_VMX_NO_VMX)\nVBoxManage: error: Details: code NS_ERROR_FAILURE (0x80004005), component ConsoleWrap, interface IConsole\n',
  ],
  [
    'VBOX_HYPERV',
    'startvm m1',
    'VBoxManage.exe: error: Call to WHvSetupPartition failed: ERROR_SUCCESS (Last=0xc000000d/87) (VERR_NEM_VM_CREATE_FAILED)\n',
  ],
  [
    'VBOX_OTHER_HYPERVISOR',
    'startvm m1',
    "VBoxManage: error: VirtualBox can't operate in VMX root mode. Please disable the KVM kernel extension, recompile your kernel and reboot (VERR_VMX_IN_VMX_ROOT_MODE)\n",
  ],
  [
    'VBOX_KERNEL_MODULE',
    'startvm m1',
    "VBoxManage: error: The virtual machine 'm1' has terminated unexpectedly during startup with exit code 1 (0x1)\n",
    'WARNING: The vboxdrv kernel module is not loaded. Either there is no module\n         available for the current kernel (6.1.0) or it failed to\n         load. Please recompile the kernel module and install it by\n\n           sudo /sbin/vboxconfig\n\n         You will not be able to start VMs until this problem is fixed.\n',
  ],
  [
    'VBOX_KERNEL_MODULE',
    'startvm m1',
    'RTR3InitEx failed with rc=-1912 (rc=-1912)\nVERR_VM_DRIVER_VERSION_MISMATCH (-1912) - The installed support driver does not match the version of the user.\n',
  ],
  [
    'VBOX_RANGE_NOT_ALLOWED',
    'hostonlyif ipconfig vboxnet0 --ip 192.168.99.1',
    'VBoxManage: error: Code E_ACCESSDENIED (0x80070005) - Access denied (extended info not available)\nVBoxManage: error: Context: "EnableStaticIPConfig(Bstr(pszIp).raw(), Bstr(pszNetmask).raw())" at line 242 of file VBoxManageHostonly.cpp\n',
  ],
  [
    'VBOX_NO_HOST_ONLY_ADAPTERS',
    'startvm m1',
    "VBoxManage: error: Host-only adapters are no longer supported!\nVBoxManage: error: For your convenience a host-only network named 'Legacy vboxnet0 Network' has been created\nVBoxManage: error:  (VERR_NOT_FOUND)\n",
  ],
  [
    'VBOX_ADAPTER_BROKEN',
    'startvm m1',
    "VBoxManage.exe: error: Failed to open/create the internal network 'HostInterfaceNetworking-VirtualBox Host-Only Ethernet Adapter' (VERR_INTNET_FLT_IF_NOT_FOUND).\nVBoxManage.exe: error: Failed to attach the network LUN (VERR_INTNET_FLT_IF_NOT_FOUND)\n",
  ],
  [
    'VBOX_NO_ADAPTER',
    'hostonlyif create',
    '0%...\nProgress state: E_FAIL\nVBoxManage.exe: error: Failed to create the host-only adapter\nVBoxManage.exe: error: Querying NetCfgInstanceId failed (0x00000002)\nVBoxManage.exe: error: Details: code E_FAIL (0x80004005), component HostNetworkInterfaceWrap, interface IHostNetworkInterface\n',
  ],
  [
    'VBOX_SERVICE',
    'list vms',
    'VBoxManage.exe: error: Failed to create the VirtualBox object!\nVBoxManage.exe: error: Code CO_E_SERVER_EXEC_FAILURE (0x80080005) - Server execution failed (extended info not available)\nVBoxManage.exe: error: Most likely, the VirtualBox COM server is not running or failed to start.\n',
  ],
  ['VBOX_SERVICE', 'list vms', 'VBoxManage: error: Failed to initialize COM! (hrc=NS_ERROR_FAILURE)\n'],
  [
    'VBOX_BROKEN',
    'list vms',
    'VBoxManage.exe: error: Failed to create the VirtualBox object!\nVBoxManage.exe: error: Code REGDB_E_CLASSNOTREG (0x80040154) - Class not registered (extended info not available)\n',
  ],
  [
    'VBOX_SETTINGS',
    'list vms',
    "VBoxManage: error: Failed to create the VirtualBox object!\nVBoxManage: error: Start tag expected, '<' not found.\nVBoxManage: error: Location: '/home/user/.config/VirtualBox/VirtualBox.xml', line 1 (0), column 1.\nVBoxManage: error: Details: code NS_ERROR_FAILURE (0x80004005), component VirtualBoxWrap, interface IVirtualBox\n",
  ],
  ['VBOX_CHARACTER_SET', 'createvm --name m1', 'VBoxManage: fatal error: RTR3Init: VERR_NO_TRANSLATION\n'],
  [
    'DISK_FULL',
    'convertfromraw stdin disk.vmdk 33554432',
    'Creating dynamic image with size 33554432 bytes (32MB)...\nVBoxManage: error: VMDK: cannot write allocated data block in \'disk.vmdk\'\nVBoxManage: error: Failed to write to disk image "disk.vmdk": VERR_DISK_FULL\n',
  ],
  [
    'VBOX_MEDIUM_MISSING',
    'startvm m1',
    "VBoxManage: error: VD: error VERR_FILE_NOT_FOUND opening image file '/m/boot2docker.iso' (VERR_FILE_NOT_FOUND).\nVBoxManage: error: Failed to open image '/m/boot2docker.iso' in read-only mode (VERR_FILE_NOT_FOUND).\n",
  ],
  ['VBOX_MEDIUM_MISSING', 'startvm m1', 'VBoxManage: error: File not found. (VERR_FILE_NOT_FOUND)\n'],
  [
    'VBOX_MEDIUM_INVALID',
    'storageattach m1',
    "VBoxManage: error: Could not get the storage format of the medium '/m/boot2docker.iso' (VERR_NOT_SUPPORTED)\n",
  ],
  [
    'VBOX_MEDIUM_REGISTERED',
    'storageattach m1',
    "VBoxManage: error: Cannot register the hard disk '/m/e.vmdk' {742c96ca-0615-41e7-8d82-237e18bc3b2a} because a hard disk '/m/d.vmdk' with UUID {742c96ca-0615-41e7-8d82-237e18bc3b2a} already exists\n",
  ],
  [
    'VBOX_MEDIUM_ATTACHED',
    'storageattach m1',
    "VBoxManage: error: Medium '/m/disk.vmdk' is already attached to this virtual machine\nVBoxManage: error: Details: code VBOX_E_OBJECT_IN_USE (0x80bb000c), component SessionMachine, interface IMachine, callee nsISupports\n",
  ],
  ['OPTION_INVALID', 'sharedfolder add m1', "VBoxManage: error: Invalid shared folder name 'a b': contains space\n"],
  ['VBOX_CALL_UNKNOWN', 'createvm --name m1', 'VBoxManage: error: Unknown or invalid guest OS type given.\n'],
  [
    'VBOX_VM_LEFT_OVER',
    'createvm --name m1',
    "VBoxManage: error: Registered machine with UUID {e014e37c-466e-4fa2-8009-6db43ccf044e} ('/m/m1/m1.vbox') already exists\n",
  ],
  [
    'VBOX_VM_INACCESSIBLE',
    'showvminfo m1',
    'VBoxManage: error: The object functionality is limited\nVBoxManage: error: Details: code E_ACCESSDENIED (0x80070005), component MachineWrap, interface IMachine, callee nsISupports\n',
  ],
  [
    'NOT_WRITABLE',
    'createvm --name m1',
    "VBoxManage: error: Could not create a directory '/proc/m1' to save the settings file (VERR_FILE_NOT_FOUND)\n",
  ],
  [
    'VBOX_VM_ENDED',
    'startvm m1',
    'VBoxManage: error: The VM session was aborted\nVBoxManage: error: Details: code NS_ERROR_FAILURE (0x80004005), component SessionMachine, interface ISession\n',
  ],
  [
    'VBOX_DHCP_NOT_RUNNING',
    'dhcpserver restart',
    'VBoxManage: error: Failed to restart the server\nVBoxManage: error: not running\n',
  ],
  [
    'VBOX_CALL_UNKNOWN',
    'modifyvm m1 --new x',
    'Usage:\n\nVBoxManage modifyvm <uuid|vmname>\n\nSyntax error: Unknown option: --new\n',
  ],
];

const all = seen.map(([code, words, stderr, stdout = '']) => [code, words, stderr, stdout] as const);
test.each(all)('findReason() reads %s from "%s"', (code, words, stderr, stdout) => {
  expect(findReason(call(words, stderr, stdout), place)?.code).toBe(code);
});

/** A user's language changes VirtualBox's words, not its codes and the names of its own calls. */
const translated: readonly (readonly [code: string, stderr: string])[] = [
  [
    'VBOX_VM_NOT_FOUND',
    'VBoxManage.exe: error: Es konnte keine Maschine gefunden werden\r\nVBoxManage.exe: error: Details: code VBOX_E_OBJECT_NOT_FOUND (0x80bb0001), component VirtualBoxWrap, interface IVirtualBox, callee IUnknown\r\nVBoxManage.exe: error: Context: "FindMachine(Bstr(pszVM).raw(), machine.asOutParam())" at line 907 of file VBoxManageMisc.cpp\r\n',
  ],
  [
    'VBOX_VM_LOCKED',
    'VBoxManage.exe: error: Машина заблокирована\nVBoxManage.exe: error: Details: code VBOX_E_INVALID_OBJECT_STATE (0x80bb0007), component MachineWrap, interface IMachine, callee IUnknown\nVBoxManage.exe: error: Context: "LockMachine(a->session, LockType_Write)" at line 901 of file VBoxManageModifyVM.cpp\n',
  ],
  [
    'VBOX_VM_STATE',
    'VBoxManage.exe: error: 仮想マシンは一時停止していません\nVBoxManage.exe: error: Details: code VBOX_E_INVALID_VM_STATE (0x80bb0002), component ConsoleWrap, interface IConsole, callee IUnknown\n',
  ],
];

test.each(translated)('findReason() reads %s whatever the language', (code, stderr) => {
  expect(findReason(call('startvm m1', stderr), place)?.code).toBe(code);
});

describe('recorded failures in a language we do not read', () => {
  // What has a code, and words in front of it that say no more than the code.
  const coded = failed.filter(({ stderr }) =>
    /error: (?:Details: code|Code) (?:VBOX_E|NS_ERROR_INVALID_ARG)/.test(stderr),
  );

  test.each(coded.map((one) => [one.name, one] as const))('findReason() knows %s by its code', (_, one) => {
    const stderr = one.stderr.replaceAll(/error: (?!Details|Context|Code )[^\n]*/g, (line) => {
      const names = [...line.matchAll(/VERR_\w+/g)].map(([name]) => name);
      return `error: Bir hata oluştu ${names.join(' ')}`;
    });
    expect(findReason({ ...one, stderr }, place)?.code).toBe(findReason(one, place)?.code);
  });
});

describe('explainVBoxFailure()', () => {
  test('names the machine, not the identity the call used, and what to do on this system', () => {
    const absent = call('startvm 6102e030-9c43-482c-81d3-0640ba8a9c69', 'Kernel driver not installed (rc=-1908)');
    const here = explainVBoxFailure(absent, place);
    expect(here.message).toBe('Cannot start "m1": VirtualBox’s kernel module (vboxdrv) is not loaded');
    expect(here.hint).toMatch(/vboxconfig.*Secure Boot/);
    expect(explainVBoxFailure(absent, { machine: 'm1', platform: 'darwin' }).hint).toMatch(/System Settings/);
  });

  test('lets VirtualBox speak for itself where nothing is known, without its notes for its developers', () => {
    const stderr =
      '0%...10%...\nVBoxManage: error: The moon is full\nVBoxManage: error: Details: code E_MOON (0x1), component Sky\nVBoxManage: error: Context: "Rise()" at line 1 of file Moon.cpp\n';
    const { code, message, hint } = explainVBoxFailure(call('controlvm m1 howl', stderr), place);
    expect({ code, message }).toEqual({
      code: 'VBOXMANAGE_FAILED',
      message: 'Cannot control "m1": VirtualBox says: The moon is full',
    });
    expect(hint).toMatch(/--debug/);
  });

  test('says the exit status where there are no words at all', () => {
    expect(explainVBoxFailure(call('startvm m1', ''), place).message).toBe(
      'Cannot start "m1": VirtualBox says: it ended with status 1',
    );
  });
});
