import { stripVTControlCharacters } from 'node:util';

/** What the guest's serial console says about its start; see the guest's own scripts. */
export interface BootProgress {
  /** In words for a person, such as "starting Docker". */
  readonly doing: string;
  /** The last lines of dockerd's log, when it did not start. */
  readonly dockerFailure?: readonly string[] | undefined;
}

const stages: Readonly<Record<string, string>> = {
  init: 'finding the disk',
  disk: 'joining the network',
  network: 'starting Docker',
  'docker starting': 'starting Docker',
  'docker ready': 'starting Docker',
  'ssh ready': 'starting Docker',
};

/** Reads the stage lines (`tmachine: STAGE`) of a console. */
export function parseBootProgress(lines: readonly string[]): BootProgress {
  const clean = lines.map((line) => stripVTControlCharacters(line).replaceAll('\r', ''));
  const failedAt = clean.findLastIndex((line) => /tmachine: docker failed/.test(line));
  const stage = clean
    .findLast((line) => /tmachine: /.test(line))
    ?.replace(/^.*tmachine: /, '')
    .trim();
  const doing = stages[stage ?? ''] ?? 'loading its kernel';
  return failedAt < 0 ? { doing } : { doing, dockerFailure: clean.slice(failedAt + 1).filter((line) => line !== '') };
}
