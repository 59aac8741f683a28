/** States of a VM in the words of `showvminfo --machinereadable`, and in those of its listing for people. */
const wordsOfStates = {
  poweroff: 'powered off',
  saved: 'saved',
  teleported: 'teleported',
  aborted: 'aborted',
  'aborted-saved': 'aborted-saved',
  running: 'running',
  paused: 'paused',
  gurumeditation: 'guru meditation',
  teleporting: 'teleporting',
  livesnapshotting: 'live snapshotting',
  starting: 'starting',
  stopping: 'stopping',
  saving: 'saving',
  restoring: 'restoring',
  teleportingpausedvm: 'teleporting paused vm',
  teleportingin: 'teleporting (incoming)',
  restoringsnapshot: 'restoring snapshot',
  deletingsnapshot: 'deleting snapshot',
  onlinesnapshotting: 'online snapshotting',
  deletingsnapshotlive: 'deleting snapshot live',
  deletingsnapshotlivepaused: 'deleting snapshot live paused',
  settingup: 'setting up',
} as const;

/** VirtualBox's word for what a VM does; `inaccessible` when its settings cannot be read, `unknown` for a word of a later version. */
export type VmState = keyof typeof wordsOfStates | 'inaccessible' | 'unknown';

const states = new Map<string, VmState>(
  Object.entries(wordsOfStates).flatMap(([state, words]) => [
    [state, state as VmState],
    [words, state as VmState],
  ]),
);

/** Reads `poweroff` as well as `powered off (since 2026-11-23T22:25:04.696000000)`. */
export function parseVmState(text: string): VmState {
  const words = text.replace(/\s*\(since .*$/, '').trim();
  return states.get(words.toLowerCase()) ?? 'unknown';
}
