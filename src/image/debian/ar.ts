import type { FileHandle } from 'node:fs/promises';

/** Where a member of an ar archive lies: bytes `start` up to, but not with, `end`. */
export interface ArMember {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

const magic = '!<arch>\n';
const headerSize = 60;

/**
 * Lists the members of the ar archive that a `.deb` is (deb(5), ar(5)).
 *
 * @throws SyntaxError for a file that is no archive, or only the beginning of one.
 */
export async function listArMembers(file: FileHandle): Promise<readonly ArMember[]> {
  const { size } = await file.stat();
  if ((await readText(file, 0, magic.length)) !== magic) throw new SyntaxError('it is not an ar archive');
  const members: ArMember[] = [];
  for (let at = magic.length; at < size; ) {
    const member = parseArHeader(await readText(file, at, headerSize), at + headerSize);
    if (member === undefined || member.end > size) throw new SyntaxError('it is cut short or damaged');
    members.push(member);
    at = member.end + (member.end % 2);
  }
  return members;
}

/** Reads the header before the member whose content begins at `start`. */
function parseArHeader(header: string, start: number): ArMember | undefined {
  const [, name, digits] = /^(.{16}).{32}(\d+) *`\n$/s.exec(header) ?? [];
  return name === undefined
    ? undefined
    : { name: name.trimEnd().replace(/\/$/, ''), start, end: start + Number(digits) };
}

async function readText(file: FileHandle, position: number, length: number): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.toString('latin1', 0, bytesRead);
}
