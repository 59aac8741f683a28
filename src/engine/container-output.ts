/** What a container wrote; with a terminal everything is in `stdout`. */
export interface ContainerOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The log of a container. Without a terminal the engine sends frames: one byte for the stream (1 or 2), three zero
 * bytes, the length in four bytes, then the text (Docker Engine API, "Stream format" of attach).
 */
export function parseContainerOutput(body: Buffer): ContainerOutput {
  if (!startsWithFrame(body)) return { stdout: body.toString('utf8'), stderr: '' };
  const texts: { readonly stdout: Buffer[]; readonly stderr: Buffer[] } = { stdout: [], stderr: [] };
  for (let at = 0; at + 8 <= body.length; ) {
    const end = at + 8 + body.readUInt32BE(at + 4);
    texts[body[at] === 2 ? 'stderr' : 'stdout'].push(body.subarray(at + 8, end));
    at = end;
  }
  return { stdout: Buffer.concat(texts.stdout).toString('utf8'), stderr: Buffer.concat(texts.stderr).toString('utf8') };
}

function startsWithFrame(body: Buffer): boolean {
  return body.length >= 8 && (body[0] ?? 9) <= 2 && body.readUIntBE(1, 3) === 0;
}
