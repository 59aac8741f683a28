import type { FailurePattern } from './failure-pattern.ts';

/** What is wrong with one VM, its state, its disks or its settings. */
export const vmFailures: readonly FailurePattern[] = [
  {
    pattern: /Could not find a registered machine|VBOX_E_OBJECT_NOT_FOUND[\s\S]*"FindMachine\(/,
    code: 'VBOX_VM_NOT_FOUND',
    reason: 'VirtualBox has no such machine',
    hint: 'if its folder is still there, add it again in VirtualBox (Machine, Add); else forget it with `tmachine rm -f $machine`',
  },
  {
    pattern: /object functionality is limited|Runtime error opening '([^']*\.vbox)'/,
    code: 'VBOX_VM_INACCESSIBLE',
    reason: 'VirtualBox cannot read its settings file',
    hint: 'put the .vbox file back where it was (VirtualBox keeps a copy as .vbox-prev), or remove the machine with `tmachine rm -f $machine`',
  },
  {
    pattern: /already locked (?:for|by) a session|while it is locked|lock request pending|VBOX_E_INVALID_OBJECT_STATE/,
    code: 'VBOX_VM_LOCKED',
    reason: 'it runs, or its settings are open in VirtualBox’s window',
    hint: 'close that window, or stop the machine with `tmachine kill $machine`',
  },
  {
    pattern: /object is not ready|session is not locked|"UnlockMachine\(/,
    code: 'VBOX_BUSY',
    reason: 'another program keeps asking VirtualBox about it',
    hint: 'try again; close VirtualBox’s window if that does not help',
  },
  {
    pattern: /is not currently running|is not running \(currently/,
    code: 'VBOX_VM_NOT_RUNNING',
    reason: 'it is not running',
    hint: 'start it with `tmachine start $machine`',
  },
  {
    pattern: /is not mutable \(state is (\w+)\)|Invalid machine state: (\w+)|machine state: (\w+)\)/,
    code: 'VBOX_VM_STATE',
    reason: 'its state is $1$2$3',
    hint: 'start it, or stop it, with `tmachine start $machine` or `tmachine stop $machine` first',
  },
  {
    pattern: /Already paused/,
    code: 'VBOX_VM_STATE',
    reason: 'it is paused already',
    hint: 'let it go on with `tmachine start $machine`',
  },
  {
    pattern: /VBOX_E_INVALID_VM_STATE/,
    code: 'VBOX_VM_STATE',
    reason: 'its state does not allow that',
    hint: 'start it, or stop it, with `tmachine start $machine` or `tmachine stop $machine` first',
  },
  {
    pattern:
      /Machine settings file '([^']*)' already exists|Registered machine with UUID \S+ \('([^']*)'\) already exists/,
    code: 'VBOX_VM_LEFT_OVER',
    reason: 'another machine is left over in $1$2',
    hint: 'remove it in VirtualBox’s window with all its files, or move that folder away; or choose another name',
  },
  {
    pattern: /Could not create a directory '([^']*)'|Could not save the settings file '([^']*)'/,
    code: 'NOT_WRITABLE',
    reason: '$1$2 cannot be written ($details)',
    hint: 'see that the folder exists and is yours',
  },
  {
    pattern: /Cannot register the (?:hard disk|DVD image) '([^']*)'[^\n]*because a[^']*'([^']*)'/,
    code: 'VBOX_MEDIUM_REGISTERED',
    reason: 'VirtualBox takes $1 for $2, which has the same identity',
    hint: 'remove the other in VirtualBox’s Media Manager',
  },
  {
    pattern:
      /Could not find file for the medium '([^']*)'|(?:Failed to open image|opening image file|Could not open the medium) '([^']*)'[\s\S]*VERR_(?:FILE|PATH)_NOT_FOUND/,
    code: 'VBOX_MEDIUM_MISSING',
    reason: '$1$2 is missing',
    hint: 'put the file back; the image is restored by `tmachine start $machine`; a machine without its disk can only be removed',
  },
  {
    pattern: /File not found\. \(VERR_FILE_NOT_FOUND\)/,
    call: /^startvm/,
    code: 'VBOX_MEDIUM_MISSING',
    reason: 'its disk, or another of its files, is missing',
    hint: 'put the file back, or remove the machine with `tmachine rm $machine`',
  },
  {
    pattern: /(?:Medium|medium) '([^']*)' is already attached to/,
    code: 'VBOX_MEDIUM_ATTACHED',
    reason: '$1 is attached to a machine already',
    hint: 'detach it in VirtualBox’s Media Manager',
  },
  {
    pattern: /Unknown or invalid guest OS type|Guest OS type '([^']*)' is invalid/i,
    code: 'VBOX_CALL_UNKNOWN',
    reason: 'this version of VirtualBox does not know the guest’s kind of system',
    hint: 'update VirtualBox',
  },
  {
    pattern: /Could not get the storage format of the medium '([^']*)'/,
    code: 'VBOX_MEDIUM_INVALID',
    reason: '$1 is not an image VirtualBox can read',
    hint: 'name a boot image (ISO 9660) with --virtualbox-boot2docker-url, or leave the option out',
  },
  {
    pattern: /VERR_ALREADY_EXISTS/,
    code: 'VBOX_FILE_EXISTS',
    reason: 'its file is there already ($details)',
    hint: 'move that file away',
  },
  {
    pattern: /VERR_SSM_\w+|saved state file '([^']*)'|Failed to load unit/i,
    code: 'VBOX_SAVED_STATE',
    reason: 'VirtualBox cannot go on from its saved state',
    hint: 'give the saved state up, as if its power was cut: VBoxManage discardstate "$machine"',
  },
  {
    pattern: /Could not launch the VM process/,
    code: 'VBOX_NO_FRONT_END',
    reason: 'VirtualBox’s program that shows machines in this way is not installed',
    hint: 'use --virtualbox-ui-type headless, or install VirtualBox’s graphical part (virtualbox-qt)',
  },
  {
    pattern: /Invalid frontend name: '([^']*)'/,
    code: 'OPTION_INVALID',
    reason: 'there is no way "$1" to show a machine',
    hint: 'take one of headless, gui, sdl, separate for --virtualbox-ui-type',
  },
  {
    pattern: /has terminated unexpectedly during startup[^\n]*|VM session was (?:aborted|closed before)[^\n]*/,
    code: 'VBOX_VM_ENDED',
    reason: 'the program that runs it ended at once',
    hint: 'VBox.log and VBoxHardening.log in the machine’s Logs folder tell why; most often VirtualBox’s kernel modules are missing or of another version',
  },
  {
    pattern: /Invalid RAM size: (\d+) MB \(must be in range \[(\d+), (\d+)\] MB\)/,
    code: 'OPTION_INVALID',
    reason: '$1 MB of memory are not between $2 and $3',
    hint: 'correct --virtualbox-memory',
  },
  {
    pattern: /Invalid virtual CPU count: (\d+) \(must be in range \[(\d+), (\d+)\]\)/,
    code: 'OPTION_INVALID',
    reason: '$1 processors are not between $2 and $3',
    hint: 'correct --virtualbox-cpu-count',
  },
  {
    pattern: /Storage controller named '([^']*)' already exists/,
    code: 'VBOX_CONTROLLER_EXISTS',
    reason: 'it has a storage controller "$1" already',
  },
  {
    pattern: /Could not find a controller named '([^']*)'/,
    code: 'VBOX_CONTROLLER_GONE',
    reason: 'it has no storage controller "$1"',
    hint: 'its settings were changed in VirtualBox; add a SATA controller of this name there',
  },
  {
    pattern: /No storage device attached to device slot (\d+) on port (\d+)/,
    code: 'VBOX_MEDIUM_GONE',
    reason: 'nothing is attached to port $2',
  },
  {
    pattern: /Shared folder named '([^']*)' already exists/,
    code: 'VBOX_SHARE_EXISTS',
    reason: 'it has a shared folder "$1" already',
    hint: 'give each folder its own name with --virtualbox-share-folder DIRECTORY:NAME',
  },
  {
    pattern: /Invalid shared folder name '([^']*)'/,
    code: 'OPTION_INVALID',
    reason: 'a shared folder cannot be named "$1"',
    hint: 'name it without spaces: --virtualbox-share-folder DIRECTORY:NAME',
  },
  {
    pattern: /shared folder path '([^']*)': VERR_(?:FILE|PATH)_NOT_FOUND|path '([^']*)' is not absolute/,
    code: 'VBOX_SHARE_MISSING',
    reason: '$1$2 is not a folder of this computer',
    hint: 'make it first, or correct --virtualbox-share-folder',
  },
  {
    pattern: /VERR_ACCESS_DENIED|VERR_PERMISSION_DENIED/,
    code: 'NOT_WRITABLE',
    reason: 'this user may not use a file of it ($details)',
    hint: 'see that the machine’s folder is yours',
  },
];
