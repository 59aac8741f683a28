/** The fields of one paragraph by lower-case name; continuation lines are joined by newlines. */
export type Paragraph = ReadonlyMap<string, string>;

/** Reads one paragraph of a Debian control file (deb822(5)); lines that begin with `#` are comments. */
export function parseParagraph(text: string): Paragraph {
  const fields = new Map<string, string>();
  let current = '';
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('#')) continue;
    if (/^[ \t]/.test(line)) {
      if (current !== '') fields.set(current, `${fields.get(current) ?? ''}\n${line.trim()}`);
      continue;
    }
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    current = line.slice(0, colon).toLowerCase();
    fields.set(current, line.slice(colon + 1).trim());
  }
  return fields;
}

/** Reads all paragraphs of a control file; blank lines stand between them. */
export function parseParagraphs(text: string): readonly Paragraph[] {
  return text
    .split(/\n[ \t\r]*\n/)
    .map(parseParagraph)
    .filter((paragraph) => paragraph.size > 0);
}
