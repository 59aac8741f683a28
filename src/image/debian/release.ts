import { messageOf, TmachineError } from '../../errors/tmachine-error.ts';
import { parseParagraph } from './control.ts';

/** What a suite's `Release` file says about itself and its indices. */
export interface Release {
  readonly suite: string;
  readonly codename: string;
  readonly date: Date;
  /** The archive of development suites is stale after this; stable suites have none. */
  readonly validUntil: Date | undefined;
  /** Whether indices can also be had by digest, which an update of the mirror does not pull away. */
  readonly byHash: boolean;
  /** Index files by path below the suite's folder. */
  readonly files: ReadonlyMap<string, IndexFile>;
}

/** Size in bytes and lower-case hexadecimal digest of an index file. */
export interface IndexFile {
  readonly size: number;
  readonly sha256: string;
}

/** What an `InRelease` file must agree with. `url` names it in errors. */
export interface ReleaseExpectation {
  readonly url: string;
  /** Suite or code name that was asked for. */
  readonly suite: string;
  /** ASCII-armored public keys that may sign. */
  readonly trustedKeys: readonly string[];
  readonly now: Date;
  /** False accepts an expired file, for snapshot mirrors; then `onExpired` is told. */
  readonly checkValidUntil: boolean;
  readonly onExpired?: ((validUntil: Date) => void) | undefined;
}

const dayMs = 24 * 3600 * 1000;

/**
 * The content of a clear-signed `InRelease` file, once one of the trusted keys is known to have signed it.
 *
 * @throws TmachineError `BAD_SIGNATURE`, `WRONG_SUITE`, `RELEASE_EXPIRED`, or `CLOCK_WRONG` when it comes from the future.
 */
export async function verifyInRelease(text: string, expected: ReleaseExpectation): Promise<Release> {
  const { date: claimed } = parseRelease(text);
  if (claimed.getTime() > expected.now.getTime() + dayMs) throw clockWrong(claimed, expected);
  const release = parseRelease(await readSigned(text, expected));
  if (expected.suite !== release.suite && expected.suite !== release.codename) throw wrongSuite(release, expected);
  const { validUntil } = release;
  if (validUntil !== undefined && validUntil < expected.now) {
    if (expected.checkValidUntil) throw expired(validUntil, expected);
    expected.onExpired?.(validUntil);
  }
  return release;
}

async function readSigned(text: string, expected: ReleaseExpectation): Promise<string> {
  const { readCleartextMessage, readKeys, verify } = await import('openpgp');
  let failure = 'no signature in it is by a key of Debian’s archive';
  try {
    const keys = await Promise.all(expected.trustedKeys.map((armoredKeys) => readKeys({ armoredKeys })));
    const message = await readCleartextMessage({ cleartextMessage: text });
    const answer = await verify({ message, verificationKeys: keys.flat(), date: expected.now });
    for (const signature of answer.signatures) {
      try {
        await signature.verified;
        return answer.data;
      } catch (error) {
        failure = messageOf(error);
      }
    }
  } catch (error) {
    failure = messageOf(error);
  }
  throw new TmachineError(`Cannot trust ${expected.url}: ${failure}`, {
    code: 'BAD_SIGNATURE',
    hint: 'name another Debian mirror with --mirror URL, and check that this computer’s clock is right',
  });
}

/** Reads a `Release` file (Debian repository format); the marks of a clear signature around it do not disturb. */
export function parseRelease(text: string): Release {
  const start = text.indexOf('\n\n');
  const fields = parseParagraph(text.startsWith('-----') ? text.slice(start + 2) : text);
  const validUntil = fields.get('valid-until');
  return {
    suite: fields.get('suite') ?? '',
    codename: fields.get('codename') ?? '',
    date: new Date(fields.get('date') ?? 0),
    validUntil: validUntil === undefined ? undefined : new Date(validUntil),
    byHash: fields.get('acquire-by-hash') === 'yes',
    files: parseFiles(fields.get('sha256') ?? ''),
  };
}

function parseFiles(list: string): ReadonlyMap<string, IndexFile> {
  const files = new Map<string, IndexFile>();
  for (const line of list.split('\n')) {
    const [sha256, size, path] = line.trim().split(/\s+/);
    if (sha256 === undefined || size === undefined || path === undefined) continue;
    if (/^[0-9a-f]{64}$/i.test(sha256)) files.set(path, { sha256: sha256.toLowerCase(), size: Number(size) });
  }
  return files;
}

function clockWrong(claimed: Date, { url, now }: ReleaseExpectation): TmachineError {
  return new TmachineError(
    `Cannot trust ${url}: it was made on ${day(claimed)}, but this computer’s clock says ${day(now)}`,
    { code: 'CLOCK_WRONG', hint: 'set the clock of this computer right and try again' },
  );
}

function wrongSuite(release: Release, { url, suite }: ReleaseExpectation): TmachineError {
  return new TmachineError(
    `Cannot use ${url}: it describes "${release.codename}" (${release.suite}), not "${suite}" that was asked for`,
    { code: 'WRONG_SUITE', hint: 'name another Debian mirror with --mirror URL' },
  );
}

function expired(validUntil: Date, { url, now }: ReleaseExpectation): TmachineError {
  return new TmachineError(
    `Cannot trust ${url}: it expired on ${day(validUntil)}, and this computer’s clock says ${day(now)}`,
    {
      code: 'RELEASE_EXPIRED',
      hint: 'check the clock; else the mirror is out of date: name another with --mirror URL, or accept its age with TMACHINE_DEBIAN_CHECK_VALID_UNTIL=no',
    },
  );
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
