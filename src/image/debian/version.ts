/**
 * Orders two Debian versions: negative when `left` is the older, 0 when they are equal.
 * Follows Debian Policy 5.6.12: epoch, upstream version, revision; `~` sorts before everything, even the end.
 */
export function compareVersions(left: string, right: string): number {
  const a = splitVersion(left);
  const b = splitVersion(right);
  return a.epoch - b.epoch || compareParts(a.upstream, b.upstream) || compareParts(a.revision, b.revision);
}

interface VersionParts {
  readonly epoch: number;
  readonly upstream: string;
  readonly revision: string;
}

function splitVersion(version: string): VersionParts {
  const colon = version.indexOf(':');
  const rest = version.slice(colon + 1);
  const hyphen = rest.lastIndexOf('-');
  return {
    epoch: colon === -1 ? 0 : Number(version.slice(0, colon)),
    upstream: hyphen === -1 ? rest : rest.slice(0, hyphen),
    revision: hyphen === -1 ? '' : rest.slice(hyphen + 1),
  };
}

/** Non-digit and digit runs take turns; an absent digit run counts as 0. */
function compareParts(left: string, right: string): number {
  const a = splitRuns(left);
  const b = splitRuns(right);
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const one = a[index] ?? '';
    const other = b[index] ?? '';
    const order = index % 2 === 0 ? compareText(one, other) : compareDigits(one, other);
    if (order !== 0) return order;
  }
  return 0;
}

/** Even places hold the text (maybe empty), odd places the digits. */
function splitRuns(text: string): readonly string[] {
  return text.split(/(\d+)/);
}

function compareText(left: string, right: string): number {
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const order = weight(left[index]) - weight(right[index]);
    if (order !== 0) return order;
  }
  return 0;
}

function weight(character: string | undefined): number {
  if (character === '~') return -1;
  if (character === undefined) return 0;
  const code = character.charCodeAt(0);
  return /[A-Za-z]/.test(character) ? code : code + 256;
}

/** Dates and hashes make runs longer than a double can hold, so digits are compared as text. */
function compareDigits(left: string, right: string): number {
  const a = left.replace(/^0+/, '');
  const b = right.replace(/^0+/, '');
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : Number(a > b);
}
