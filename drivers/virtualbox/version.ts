/** A version of VirtualBox as it names itself, and the numbers that matter. */
export interface VBoxVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  readonly text: string;
}

/** Reads `7.2.22_Debianr175245`, on a line of its own after any warnings; nothing when there is no such line. */
export function parseVBoxVersion(output: string): VBoxVersion | undefined {
  const match = /^\s*((\d+)\.(\d+)\.(\d+)(?:[_.\-+]?\w+)*)\s*$/m.exec(output);
  if (match?.[1] === undefined) return undefined;
  return { text: match[1], major: Number(match[2]), minor: Number(match[3]), patch: Number(match[4]) };
}
