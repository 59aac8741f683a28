import { TmachineError } from '../errors/tmachine-error.ts';
import type { Environment } from '../host/environment.ts';
import { readTextIfExists } from '../host/files.ts';
import { readAptMirror } from './apt-sources.ts';

/** A Debian mirror to build from. */
export interface Mirror {
  /** Address of the archive's root, above `dists/` and `pool/`, without a final slash. */
  readonly uri: string;
  /** False accepts an archive past its `Valid-Until`, such as a snapshot. */
  readonly checkValidUntil: boolean;
}

/** Where a mirror may be named, in order of precedence. */
export interface MirrorSources {
  /** What `--mirror` says. */
  readonly option?: string | undefined;
  /** `TMACHINE_DEBIAN_MIRROR`, and `TMACHINE_DEBIAN_CHECK_VALID_UNTIL` (`no` accepts old archives). */
  readonly env: Environment;
  /** The store's `tmachine.json`, which may have the key `debianMirror`. */
  readonly settingsFile: string;
  /** apt's configuration; `/etc/apt` when missing. */
  readonly aptFolder?: string | undefined;
}

/**
 * The Debian mirror to build from: the option, then the configuration, then this machine's own apt sources.
 *
 * @throws TmachineError `NO_MIRROR` where none is known, `BAD_MIRROR` for one that is no http or https address.
 */
export async function findMirror(sources: MirrorSources): Promise<Mirror> {
  const { env } = sources;
  const checkValidUntil = env['TMACHINE_DEBIAN_CHECK_VALID_UNTIL'] !== 'no';
  const named = sources.option || env['TMACHINE_DEBIAN_MIRROR'] || (await readConfigured(sources.settingsFile));
  if (named !== undefined) return { uri: checkAddress(named), checkValidUntil };
  const apt = await readAptMirror(sources.aptFolder ?? '/etc/apt');
  if (apt === undefined) throw noMirror();
  return { uri: checkAddress(apt.uri), checkValidUntil: checkValidUntil && apt.checkValidUntil };
}

async function readConfigured(path: string): Promise<string | undefined> {
  const text = await readTextIfExists(path);
  if (text === undefined) return undefined;
  try {
    const { debianMirror } = JSON.parse(text) as { debianMirror?: unknown };
    return typeof debianMirror === 'string' && debianMirror !== '' ? debianMirror : undefined;
  } catch (cause) {
    throw new TmachineError(`Cannot read "${path}": it is not valid JSON`, { code: 'BAD_CONFIGURATION', cause });
  }
}

function checkAddress(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return address.replace(/\/+$/, '');
  throw new TmachineError(`Cannot use the Debian mirror "${address}": it is not an http or https address`, {
    code: 'BAD_MIRROR',
    hint: 'name one as --mirror https://HOST/debian',
  });
}

function noMirror(): TmachineError {
  return new TmachineError('Cannot build a boot image: no Debian mirror is known', {
    code: 'NO_MIRROR',
    hint: 'name one with --mirror URL, in TMACHINE_DEBIAN_MIRROR, or as "debianMirror" in tmachine.json of the store; www.debian.org/mirror/list has them',
  });
}
