/** What a call was meant to do, by its words; `$vm` is the machine. */
const goals: readonly (readonly [pattern: RegExp, goal: string])[] = [
  [/^(?:--version|-v)$/, 'ask VirtualBox for its version'],
  [/^list/, 'list what VirtualBox has'],
  [/^showvminfo/, 'look at $vm'],
  [/^createvm/, 'create $vm'],
  [/^modifyvm/, 'configure $vm'],
  [/^startvm/, 'start $vm'],
  [/^controlvm \S+ (?:poweroff|acpipowerbutton)/, 'stop $vm'],
  [/^controlvm \S+ pause/, 'pause $vm'],
  [/^controlvm \S+ resume/, 'resume $vm'],
  [/^controlvm \S+ savestate/, 'save $vm'],
  [/^controlvm \S+ natpf/, 'forward a port to $vm'],
  [/^controlvm/, 'control $vm'],
  [/^unregistervm/, 'remove $vm'],
  [/^storage(?:ctl|attach)/, 'give $vm its disks'],
  [/^sharedfolder/, 'share a folder with $vm'],
  [/^(?:guestproperty|setextradata|getextradata)/, 'configure $vm'],
  [/^(?:clonevm|import|registervm)/, 'import $vm'],
  [/^(?:convertfromraw|createmedium|createhd)/, 'make the disk of $vm'],
  [/^(?:clonemedium|clonehd)/, 'copy the disk for $vm'],
  [/^(?:closemedium|modifymedium|modifyhd|showmediuminfo|showhdinfo)/, 'change a disk of $vm'],
  [/^hostonlyif create/, 'make a host-only adapter'],
  [/^hostonlyif ipconfig/, 'give a host-only adapter its address'],
  [/^hostonlyif remove/, 'remove a host-only adapter'],
  [/^hostonlynet/, 'set up a host-only network'],
  [/^dhcpserver/, 'set up VirtualBox’s DHCP server'],
];

/** What a call of VBoxManage was meant to do for a machine, as the end of a sentence that begins with "Cannot". */
export function formatGoal(args: readonly string[], machine: string): string {
  const words = args.join(' ');
  const goal = goals.find(([pattern]) => pattern.test(words))?.[1] ?? `run "VBoxManage ${args[0] ?? ''}" for $vm`;
  return goal.replace('$vm', () => `"${machine}"`);
}
