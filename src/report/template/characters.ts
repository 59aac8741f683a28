/** Space inside an action: blank, tab, carriage return, newline. */
export function isSpace(character: string): boolean {
  return character === ' ' || character === '\t' || character === '\r' || character === '\n';
}

/** A letter, decimal digit or underscore, in any script. */
export function isAlphaNumeric(character: string): boolean {
  const code = character.charCodeAt(0);
  if (code < 0x80) return isAsciiDigit(code) || isAsciiLetter(code) || character === '_';
  return character !== '' && /^[\p{L}\p{Nd}]$/u.test(character);
}

/** What Go's `unicode.IsPrint` accepts: letters, marks, numbers, punctuation, symbols and the blank. */
export function isPrintable(character: string): boolean {
  const code = character.charCodeAt(0);
  if (code < 0x80) return code >= 0x20 && code < 0x7f;
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(character);
}

/** A code point as Go's `%#U` shows it: `U+0040 '@'`. */
export function describeCharacter(character: string): string {
  const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  return isPrintable(character) ? `${code} '${character}'` : code;
}

function isAsciiDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isAsciiLetter(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}
