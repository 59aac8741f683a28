/**
 * Reads the lines `key=value`, `key="value"` and `"key"="value"` of `--machinereadable` answers. Of a key that occurs twice the first
 * counts, because what people wrote (a description) comes last, in as many lines as they like.
 */
export function parseMachineReadable(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const entry = /^(?:"([^"\n]*)"|([^"=\n]+))=(?:"(.*)"|(.*?))[ \t\r]*$/gm;
  for (const [, quotedKey, key, quoted, plain] of text.matchAll(entry)) {
    const name = quotedKey ?? key ?? '';
    if (!values.has(name)) values.set(name, quoted === undefined ? (plain ?? '') : withoutEscapes(quoted));
  }
  return values;
}

/** Older versions print a backslash as it is, newer ones twice. */
function withoutEscapes(value: string): string {
  return /^(?:[^\\]|\\[\\"])*$/.test(value) ? value.replaceAll(/\\([\\"])/g, '$1') : value;
}
