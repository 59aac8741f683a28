/** Which word of a call names its VM: calls that lock the VM's settings, or read them so that a change at that moment makes them fail. */
const placesOfVm: Readonly<Record<string, number>> = {
  showvminfo: 1,
  modifyvm: 1,
  startvm: 1,
  controlvm: 1,
  unregistervm: 1,
  storagectl: 1,
  storageattach: 1,
  snapshot: 1,
  discardstate: 1,
  sharedfolder: 2,
  guestproperty: 2,
};

/**
 * The name of the lock under which a call is made, so that no two processes speak about one VM at once: VirtualBox itself fails then.
 * Nothing for a call about no VM.
 */
export function planLock(args: readonly string[]): string | undefined {
  const [verb, ...words] = args.filter((word) => word !== '--delete' && word !== '--delete-all');
  const place = placesOfVm[verb ?? ''];
  const vm = place === undefined ? undefined : words[place - 1];
  return vm === undefined ? undefined : `vboxmanage-${vm.replaceAll(/[^\w.-]/g, '_')}`;
}
