import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isSystemError } from '../errors/tmachine-error.ts';

/** Whether two files hold the same bytes; false where one is missing. Of two links of one file nothing is read. */
export async function haveSameContent(one: string, other: string, signal: AbortSignal): Promise<boolean> {
  const [first, second] = await Promise.all([one, other].map(statIfExists));
  if (first === undefined || second === undefined || first.size !== second.size) return false;
  if (first.ino === second.ino && first.dev === second.dev) return true;
  const [digest, otherDigest] = await Promise.all([one, other].map((path) => digestOf(path, signal)));
  return digest === otherDigest;
}

async function statIfExists(path: string) {
  return await stat(path, { bigint: true }).catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  });
}

async function digestOf(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024, signal })) hash.update(chunk);
  return hash.digest('hex');
}
