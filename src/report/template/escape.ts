import { isAlphaNumeric, isPrintable } from './characters.ts';

const htmlEntities: Readonly<Record<string, string>> = {
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '\0': '\ufffd',
};

/** Text safe inside HTML, as Go's `html` writes it. */
export function escapeHtml(text: string): string {
  return text.replace(/["'&<>\0]/g, (mark) => htmlEntities[mark] ?? mark);
}

/** Text safe inside a JavaScript string literal, as Go's `js` writes it. */
export function escapeJs(text: string): string {
  let escaped = '';
  for (const character of text) escaped += escapeJsCharacter(character);
  return escaped;
}

function escapeJsCharacter(character: string): string {
  if (character === '\\' || character === "'" || character === '"') return `\\${character}`;
  const code = character.codePointAt(0) ?? 0;
  const isSpecial = code < 0x20 || '<>&='.includes(character) || (code >= 0x80 && !isPrintable(character));
  return isSpecial ? `\\u${code.toString(16).toUpperCase().padStart(4, '0')}` : character;
}

/** Text safe inside the query of a URL, as Go's `urlquery` writes it: a blank becomes `+`. */
export function escapeQuery(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString())
    .replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}

/** Text with the first letter of every word in upper case, as Go's `strings.Title` does it. */
export function titleCase(text: string): string {
  let titled = '';
  let startsWord = true;
  for (const character of text) {
    titled += startsWord ? character.toUpperCase() : character;
    startsWord = separatesWords(character);
  }
  return titled;
}

/** In ASCII all but letters, digits and `_` separate words, elsewhere only space does. */
function separatesWords(character: string): boolean {
  return character < '\x80' ? !isAlphaNumeric(character) : /\s/.test(character);
}
