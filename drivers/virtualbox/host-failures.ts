import type { FailurePattern, HintByPlatform } from './failure-pattern.ts';

const renewModules: HintByPlatform = {
  linux:
    'Oracle’s package: sudo /sbin/vboxconfig; Debian and Ubuntu: sudo apt install --reinstall virtualbox-dkms linux-headers-$(uname -r); then sudo modprobe -a vboxdrv vboxnetflt vboxnetadp. With Secure Boot the kernel takes only modules signed with a key it knows (sudo mokutil --import), or Secure Boot must be off',
  darwin:
    'allow Oracle’s system extension in System Settings, Privacy & Security, and restart; if it is not offered there, reinstall VirtualBox',
  win32: 'repair VirtualBox with its installer, and restart',
};

const firmware =
  'turn on virtualization (Intel VT-x, AMD SVM) in this computer’s firmware (BIOS, UEFI); if it is a virtual machine itself, turn on nested virtualization for it';
const noHyperV =
  'as administrator: bcdedit /set hypervisorlaunchtype off, then restart (WSL 2, Windows Sandbox and Memory Integrity keep it on)';

/** What is wrong with this computer or its VirtualBox, rather than with one machine. */
export const hostFailures: readonly FailurePattern[] = [
  {
    pattern: /VERR_(?:VMX_MSR_\w*DISABLED|VMX_MSR_LOCKED\w*|SVM_DISABLED)|(?:VT-x|AMD-V) is disabled in the BIOS/,
    code: 'VBOX_NO_HARDWARE_VIRTUALIZATION',
    reason: 'hardware virtualization (VT-x, AMD-V) is turned off in this computer’s firmware',
    hint: firmware,
  },
  {
    pattern: /VERR_(?:VMX_IN_VMX_ROOT_MODE|SVM_IN_USE)|VMX root mode/,
    code: 'VBOX_OTHER_HYPERVISOR',
    reason: 'another hypervisor, such as KVM, uses the processor’s virtualization',
    hint: 'stop its machines and unload it: sudo modprobe -r kvm_intel kvm_amd; or use VirtualBox 7.2, which can run beside KVM',
  },
  {
    pattern: /VERR_NEM_\w+|WHv\w+|hypervisor partition/i,
    code: 'VBOX_HYPERV',
    reason: 'Windows’ own hypervisor (Hyper-V) is on or half on, and VirtualBox cannot work with it',
    hint: `update VirtualBox, or turn Hyper-V off: ${noHyperV}`,
  },
  {
    pattern: /VERR_(?:VMX_NO_VMX|SVM_NO_SVM)|(?:VT-x|AMD-V) is not available/,
    code: 'VBOX_NO_HARDWARE_VIRTUALIZATION',
    reason: 'the processor offers no hardware virtualization (VT-x, AMD-V), or another hypervisor keeps it',
    hint: { win32: `${firmware}; or turn Hyper-V off: ${noHyperV}`, linux: firmware, darwin: firmware },
  },
  {
    pattern: /VERR_VM_DRIVER_VERSION_MISMATCH|rc=-1912|Error -1912/,
    code: 'VBOX_KERNEL_MODULE',
    reason: 'VirtualBox’s kernel modules are of another version',
    hint: renewModules,
  },
  {
    pattern: /VERR_VM_DRIVER_NOT_ACCESSIBLE|rc=-1909|Error -1909/,
    code: 'VBOX_KERNEL_MODULE',
    reason: 'this user may not open VirtualBox’s kernel module',
    hint: 'make /dev/vboxdrv belong to root with mode 0600 and VirtualBox’s programs to root; reinstalling VirtualBox does that',
  },
  {
    pattern: /VERR_VM_DRIVER_\w+|rc=-1908|Error -1908|Kernel driver not installed|VERR_SUP_DRIVERLESS/,
    code: 'VBOX_KERNEL_MODULE',
    reason: 'VirtualBox’s kernel module (vboxdrv) is not loaded',
    hint: renewModules,
  },
  {
    // What the start script says before each answer; it matters only to calls that need the module.
    pattern: /You will not be able to start VMs until|WARNING: The (?:character device|vboxdrv)/,
    call: /^(?:startvm|hostonlyif)/,
    code: 'VBOX_KERNEL_MODULE',
    reason: 'VirtualBox’s kernel module (vboxdrv) is not loaded',
    hint: renewModules,
  },
  {
    pattern: /failed to open \/dev\/vboxnetctl|vboxnetctl/,
    code: 'VBOX_KERNEL_MODULE',
    reason: 'VirtualBox’s kernel module for host-only adapters (vboxnetadp) is not loaded',
    hint: renewModules,
  },
  {
    pattern:
      /VERR_SUPLIB_\w+|VERR_SUP_VP_\w+|supR3Hardened\w*|supHardened\w*|VERR_LDRVI_\w+|VERR_LDR_IMPORTED_SYMBOL_NOT_FOUND/,
    code: 'VBOX_HARDENING',
    reason: 'VirtualBox distrusts its own installation, or another program in it ($0)',
    hint: 'reinstall VirtualBox; programs that reach into others (virus scanners, overlays) can cause this: see VBoxHardening.log in the machine’s Logs folder',
  },
  {
    pattern:
      /VERR_NO_(?:MEMORY|LOW_MEMORY|PHYS_MEMORY|CONT_MEMORY|PAGE_MEMORY)|VERR_(?:OUT_OF_RESOURCES|GMM_HIT_GLOBAL_LIMIT)/,
    code: 'NO_MEMORY',
    reason: 'this computer has not enough memory for it',
    hint: 'end other programs or machines, or create it with a smaller --virtualbox-memory',
  },
  {
    pattern: /VERR_DISK_FULL|No space left on device|VERR_FILE_TOO_BIG/,
    code: 'DISK_FULL',
    reason: 'the disk is full',
    hint: 'make room on the disk that holds the machine’s folder',
  },
  {
    pattern: /Location: '([^']*VirtualBox\.xml)'|Could not load the settings file '([^']*VirtualBox\.xml)'/,
    code: 'VBOX_SETTINGS',
    reason: 'VirtualBox’s own settings ($1$2) are damaged',
    hint: 'put back VirtualBox.xml-prev, which lies beside it, under its name; or move the file away: VirtualBox then begins anew, and its machines must be added again',
  },
  {
    pattern: /REGDB_E_CLASSNOTREG|E_NOINTERFACE|NS_ERROR_FACTORY_NOT_REGISTERED/,
    code: 'VBOX_BROKEN',
    reason: 'VirtualBox’s installation is incomplete, or parts of two versions ($0)',
    hint: 'install VirtualBox again, and restart the computer',
  },
  {
    pattern: /Failed to (?:create the VirtualBox object|initialize COM)[\s\S]*?(\w+_\w+(?= \(0x|\)))/,
    code: 'VBOX_SERVICE',
    reason: 'VirtualBox’s background service (VBoxSVC) does not start ($1)',
    hint: 'end processes named VBoxSVC; see that the settings folder (VBOX_USER_HOME) exists and is yours; on Windows do not mix terminals of an administrator with others',
  },
  {
    pattern:
      /Failed to (?:create the VirtualBox object|initialize COM)|COM server is not running|NS_ERROR_CALL_FAILED|0x800706b[ae]/i,
    code: 'VBOX_SERVICE',
    reason: 'VirtualBox’s background service (VBoxSVC) does not start',
    hint: 'end processes named VBoxSVC, and try again',
  },
  {
    pattern: /VERR_NO_TRANSLATION/,
    code: 'VBOX_CHARACTER_SET',
    reason: 'VirtualBox cannot read a name or path in this character set',
    hint: 'set LANG to a locale with UTF-8 that this computer has, such as C.UTF-8 (see locale -a)',
  },
  {
    pattern: /error while loading shared libraries: (.+)|(Library not loaded: .+)/,
    code: 'VBOX_BROKEN',
    reason: 'a library is missing: $1$2',
    hint: 'install VirtualBox again',
  },
];
