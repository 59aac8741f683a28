/** Go's decoder, which reads the file for the Docker CLI, takes keys in any mixture of upper and lower case. */
const key = 'currentcontext';

/**
 * The context that Docker's `config.json` names; nothing where it names none, which means the default one.
 *
 * @throws SyntaxError for what is not a JSON object, or names a context by something else than text.
 */
export function parseCurrentContext(text: string): string | undefined {
  const [last] = parseMembers(text)
    .filter((member) => member.key === key)
    .slice(-1);
  if (last === undefined) return undefined;
  const name: unknown = JSON.parse(text.slice(last.valueAt, last.end));
  if (name !== null && typeof name !== 'string') throw new SyntaxError('"currentContext" is not text');
  return name || undefined;
}

/**
 * The text of `config.json` with another current context, or with none; every other byte stays as it is.
 *
 * @throws SyntaxError as `parseCurrentContext`.
 */
export function planCurrentContext(text: string, name: string | undefined): string {
  const members = parseMembers(text);
  const found = members.findLastIndex((member) => member.key === key);
  if (name === undefined) return found < 0 ? text : planCurrentContext(withoutMember(text, members, found), name);
  if (found < 0) return withMember(text, members, name);
  const { valueAt = 0, end = 0 } = members[found] ?? {};
  return `${text.slice(0, valueAt)}${JSON.stringify(name)}${text.slice(end)}`;
}

/** A member of the document: where its key, its value and the text behind it begin. */
interface Member {
  readonly key: string;
  readonly at: number;
  readonly valueAt: number;
  readonly end: number;
}

function withMember(text: string, members: readonly Member[], name: string): string {
  const [first] = members;
  const last = members.at(-1);
  if (first === undefined || last === undefined) return `{\n\t"currentContext": ${JSON.stringify(name)}\n}`;
  const gap = text.slice(text.indexOf('{') + 1, first.at);
  const colon = gap.includes('\n') ? ': ' : ':';
  const member = `${gap}"currentContext"${colon}${JSON.stringify(name)}`;
  return `${text.slice(0, last.end)},${member}${text.slice(last.end)}`;
}

function withoutMember(text: string, members: readonly Member[], index: number): string {
  const [before, gone, after] = [members[index - 1], members[index], members[index + 1]];
  if (gone === undefined) return text;
  if (before !== undefined) return text.slice(0, before.end) + text.slice(gone.end);
  if (after !== undefined) return text.slice(0, gone.at) + text.slice(after.at);
  return `${text.slice(0, text.indexOf('{') + 1)}${text.slice(text.lastIndexOf('}'))}`;
}

const string = /"(?:[^"\\]|\\.)*"/y;
const gap = /[\s,:]*/y;
const scalar = /[^\s,\]}]+/y;

/** An empty file is an empty document, as it is to the Docker CLI. */
function parseMembers(text: string): readonly Member[] {
  if (/^[ \t\r\n]*$/.test(text)) return [];
  const document: unknown = JSON.parse(text);
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    throw new SyntaxError('it is no JSON object');
  const members: Member[] = [];
  for (let at = endOf(gap, text, text.indexOf('{') + 1); text[at] !== '}'; ) {
    const keyEnd = endOf(string, text, at);
    const valueAt = endOf(gap, text, keyEnd);
    const end = endOfValue(text, valueAt);
    members.push({ key: String(JSON.parse(text.slice(at, keyEnd))).toLowerCase(), at, valueAt, end });
    at = endOf(gap, text, end);
  }
  return members;
}

/** The document is known to be valid, so brackets need only be counted. */
function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let at = start; ; ) {
    const character = text[at] ?? '';
    if ('{['.includes(character)) depth += 1;
    if ('}]'.includes(character)) depth -= 1;
    if (character === '"') at = endOf(string, text, at);
    else at = '{}[]'.includes(character) ? at + 1 : endOf(scalar, text, at);
    if (depth === 0) return at;
    at = endOf(gap, text, at);
  }
}

function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return at + (pattern.exec(text)?.[0].length ?? 0);
}
