import type { FailurePattern } from './failure-pattern.ts';

/**
 * The same failures by their codes and the calls inside VirtualBox that had them: for languages we do not read. Its service speaks Russian
 * and Turkish.
 */
export const codedFailures: readonly FailurePattern[] = [
  {
    pattern: /E_ACCESSDENIED[^\n]*component MachineWrap[\s\S]*"(?:LockMachine|LaunchVMProcess)\(/,
    code: 'VBOX_VM_INACCESSIBLE',
    reason: 'VirtualBox cannot read its settings file',
    hint: 'put the .vbox file back where it was (VirtualBox keeps a copy as .vbox-prev), or remove the machine with `tmachine rm -f $machine`',
  },
  {
    pattern: /"(?:CreateMachine|RegisterMachine)\(/,
    code: 'VBOX_VM_LEFT_OVER',
    reason: 'another machine of this name or identity is left over',
    hint: 'remove it in VirtualBox’s window with all its files, or choose another name',
  },
  {
    pattern: /VBOX_E_IPRT_ERROR[\s\S]*"LaunchVMProcess\(/,
    code: 'VBOX_NO_FRONT_END',
    reason: 'VirtualBox’s program that shows machines in this way is not installed',
    hint: 'use --virtualbox-ui-type headless',
  },
  {
    pattern: /INVALID_?ARG[\s\S]*"LaunchVMProcess\(/,
    code: 'OPTION_INVALID',
    reason: 'there is no such way to show a machine',
    hint: 'take one of headless, gui, sdl, separate for --virtualbox-ui-type',
  },
  {
    pattern: /INVALID_?ARG[\s\S]*"COMSETTER\((MemorySize|CPUCount)\)/,
    code: 'OPTION_INVALID',
    reason: 'VirtualBox refuses the value ($1)',
    hint: 'correct --virtualbox-memory or --virtualbox-cpu-count',
  },
  {
    pattern: /VBOX_E_OBJECT_IN_USE[\s\S]*"AddStorageController\(/,
    code: 'VBOX_CONTROLLER_EXISTS',
    reason: 'it has this storage controller already',
  },
  {
    pattern: /VERR_(?:FILE|PATH)_NOT_FOUND/,
    call: /^(?:startvm|storageattach)/,
    code: 'VBOX_MEDIUM_MISSING',
    reason: 'its disk, or another of its files, is missing',
    hint: 'put the file back, or remove the machine with `tmachine rm $machine`',
  },
  {
    pattern: /VBOX_E_OBJECT_NOT_FOUND[\s\S]*"DetachDevice\(/,
    code: 'VBOX_MEDIUM_GONE',
    reason: 'nothing is attached there',
  },
  {
    pattern: /VBOX_E_OBJECT_IN_USE[\s\S]*"AttachDevice/,
    code: 'VBOX_MEDIUM_ATTACHED',
    reason: 'its disk or image is attached to a machine already',
    hint: 'detach it in VirtualBox’s Media Manager',
  },
  {
    pattern: /VBOX_E_OBJECT_IN_USE[\s\S]*"CreateSharedFolder\(/,
    code: 'VBOX_SHARE_EXISTS',
    reason: 'it has a shared folder of this name already',
    hint: 'give each folder its own name with --virtualbox-share-folder DIRECTORY:NAME',
  },
  {
    pattern: /"CreateSharedFolder\(/,
    code: 'VBOX_SHARE_MISSING',
    reason: 'the folder does not exist on this computer',
    hint: 'make it first, or correct --virtualbox-share-folder',
  },
  {
    pattern: /"FindHostNetworkInterfaceByName\(/,
    code: 'VBOX_ADAPTER_GONE',
    reason: 'there is no such host-only adapter',
    hint: 'see `VBoxManage list hostonlyifs` for those that are there',
  },
  {
    pattern: /"SetConfiguration\(/,
    code: 'VBOX_DHCP_INVALID',
    reason: 'the addresses do not lie in one network',
    hint: 'correct --virtualbox-hostonly-cidr',
  },
  {
    pattern: /"AddRedirect\(/,
    code: 'VBOX_NAT_RULE_EXISTS',
    reason: 'a port is forwarded under this name, or this port, already',
    hint: 'remove the rule in VirtualBox: settings of the machine, network, port forwarding',
  },
];
