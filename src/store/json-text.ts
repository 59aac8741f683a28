/**
 * JSON that remembers its own text: a number beyond what JavaScript can hold, a key nobody knows and the order of keys
 * all survive a change elsewhere in the document (RFC 8259).
 */
export type JsonText =
  | { readonly kind: 'scalar'; readonly text: string; readonly value: null | boolean | number | string }
  | { readonly kind: 'list'; readonly items: readonly JsonText[] }
  | { readonly kind: 'object'; readonly members: readonly JsonMember[] };

/** A member of an object; `keyText` is the key as written, quotes included. */
interface JsonMember {
  readonly keyText: string;
  readonly key: string;
  readonly value: JsonText;
}

/** Deeper documents are refused, because they can only be meant to break a reader. */
const deepest = 200;

/** @throws SyntaxError for anything that is not one JSON document. */
export function parseJsonText(text: string): JsonText {
  JSON.parse(text);
  return readValue({ text, at: 0 }, 0);
}

/** The plain value of a document; of members with the same key the last one counts. */
export function jsonValue(node: JsonText): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(jsonValue);
  return Object.fromEntries(node.members.map((member) => [member.key, jsonValue(member.value)]));
}

/** The text of a document in the layout of Go's `json.MarshalIndent(value, "", "    ")`. */
export function formatJsonText(node: JsonText, indent = ''): string {
  if (node.kind === 'scalar') return node.text;
  const inner = `${indent}    `;
  const lines =
    node.kind === 'list'
      ? node.items.map((item) => inner + formatJsonText(item, inner))
      : node.members.map((member) => `${inner}${member.keyText}: ${formatJsonText(member.value, inner)}`);
  const [open, close] = node.kind === 'list' ? '[]' : '{}';
  return lines.length === 0 ? `${open}${close}` : `${open}\n${lines.join(',\n')}\n${indent}${close}`;
}

/** A value as JSON text, with the escapes that Go's encoder writes. */
export function toJsonText(value: unknown): JsonText {
  if (Array.isArray(value)) return { kind: 'list', items: value.map(toJsonText) };
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter((entry) => entry[1] !== undefined);
    return {
      kind: 'object',
      members: entries.map(([key, member]) => ({ key, keyText: quoteLikeGo(key), value: toJsonText(member) })),
    };
  }
  const scalar = value as null | boolean | number | string;
  return { kind: 'scalar', value: scalar, text: typeof scalar === 'string' ? quoteLikeGo(scalar) : String(scalar) };
}

/** Whether members that the new value lacks are kept in the object at this path. */
export type KeepsMissing = (path: readonly string[]) => boolean;

/**
 * The document with a new value: what is equal keeps its text, members keep their places, new ones follow. Of members with the same key the
 * last one is the value. A document in which nothing changes is given back itself.
 */
export function updateJsonText(
  old: JsonText,
  value: unknown,
  keeps: KeepsMissing,
  path: readonly string[] = [],
): JsonText {
  if (old.kind === 'scalar') return isSameScalar(old.value, value) ? old : toJsonText(value);
  if (old.kind === 'list') return Array.isArray(value) ? updateList(old, value, [keeps, path]) : toJsonText(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return toJsonText(value);
  const next = new Map<string, unknown>(Object.entries(value));
  const last = new Map(old.members.map((member) => [member.key, member]));
  const members = old.members.flatMap((member) => {
    const wanted = next.get(member.key);
    if (last.get(member.key) !== member) return wanted !== undefined || keeps(path) ? [member] : [];
    if (!next.has(member.key) && keeps(path)) return [member];
    return wanted === undefined ? [] : [updateMember(member, wanted, [keeps, path])];
  });
  for (const key of last.keys()) next.delete(key);
  const added = toJsonText(Object.fromEntries(next));
  const all = added.kind === 'object' ? [...members, ...added.members] : members;
  return isSameList(all, old.members) ? old : { kind: 'object', members: all };
}

function updateMember(
  member: JsonMember,
  value: unknown,
  [keeps, path]: readonly [KeepsMissing, readonly string[]],
): JsonMember {
  const updated = updateJsonText(member.value, value, keeps, [...path, member.key]);
  return updated === member.value ? member : { ...member, value: updated };
}

function isSameList<T>(one: readonly T[], other: readonly T[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}

/** Go writes a nil list as `null`, and reads both alike. */
function isSameScalar(old: JsonScalar, value: unknown): boolean {
  return old === value || (old === null && Array.isArray(value) && value.length === 0);
}

type JsonScalar = null | boolean | number | string;

function updateList(
  old: JsonText & { readonly kind: 'list' },
  value: readonly unknown[],
  [keeps, path]: readonly [KeepsMissing, readonly string[]],
): JsonText {
  const items = value.map((item, index) => {
    const before = old.items[index];
    return before === undefined ? toJsonText(item) : updateJsonText(before, item, keeps, [...path, String(index)]);
  });
  return isSameList(items, old.items) ? old : { kind: 'list', items };
}

function quoteLikeGo(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

interface Reader {
  readonly text: string;
  at: number;
}

const scalarPattern = /"(?:[^"\\]|\\.)*"|[^\s,\]}]+/y;
const gapPattern = /[\s,:]*/y;

/** The document is known to be valid, so commas and colons are mere gaps. */
function readValue(reader: Reader, depth: number): JsonText {
  if (depth > deepest) throw new SyntaxError(`JSON nested more than ${deepest} levels deep`);
  const first = peek(reader);
  if (first === '[') return { kind: 'list', items: readAll(reader, ']', () => readValue(reader, depth + 1)) };
  if (first === '{') return { kind: 'object', members: readAll(reader, '}', () => readMember(reader, depth + 1)) };
  return readScalar(reader);
}

function readMember(reader: Reader, depth: number): JsonMember {
  const { text, value } = readScalar(reader);
  return { keyText: text, key: String(value), value: readValue(reader, depth) };
}

function readAll<T>(reader: Reader, close: string, readOne: () => T): T[] {
  const all: T[] = [];
  reader.at += 1;
  while (peek(reader) !== close) all.push(readOne());
  reader.at += 1;
  return all;
}

function readScalar(reader: Reader): JsonText & { kind: 'scalar' } {
  peek(reader);
  scalarPattern.lastIndex = reader.at;
  const text = scalarPattern.exec(reader.text)?.[0] ?? '';
  reader.at += text.length;
  return { kind: 'scalar', text, value: JSON.parse(text) as JsonScalar };
}

function peek(reader: Reader): string | undefined {
  gapPattern.lastIndex = reader.at;
  gapPattern.exec(reader.text);
  reader.at = gapPattern.lastIndex;
  return reader.text[reader.at];
}
