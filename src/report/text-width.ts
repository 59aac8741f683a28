/*
 * How wide a terminal shows text. JavaScript knows every character's script and kind but not its width (Unicode, UAX 11), and a
 * package with the tables takes longer to load than most commands run. So what is not surely narrow counts as wide: a line
 * is rather cut too soon than broken in two, which would leave parts of it on the screen for good.
 */

/** Combining marks, joiners and the like. */
const takesNoRoom = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const isNarrow =
  /^[\u0020-\u02ff\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Armenian}\p{Script=Georgian}\p{Script=Hebrew}\p{Script=Arabic}]$/u;
/** Scripts that share their letters with full-width forms. */
const isFullWidth = /^[\uff01-\uff60\uffe0-\uffe6]$/u;

/** Columns that text takes at most. */
export function widthOf(text: string): number {
  return isPlain(text) ? text.length : graphemesOf(text).reduce((sum, each) => sum + graphemeWidth(each), 0);
}

/** As much of the beginning of text as surely fits; no character is parted. What would move the cursor becomes a blank. */
export function cutToWidth(text: string, columns: number): string {
  const quiet = text.replaceAll(/\p{Cc}/gu, ' ');
  if (isPlain(quiet)) return quiet.slice(0, Math.max(0, columns));
  let room = columns;
  let cut = '';
  for (const grapheme of graphemesOf(quiet)) {
    room -= graphemeWidth(grapheme);
    if (room < 0) break;
    cut += grapheme;
  }
  return cut;
}

function isPlain(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

function graphemesOf(text: string): readonly string[] {
  return [...new Intl.Segmenter('en').segment(text)].map(({ segment }) => segment);
}

function graphemeWidth(grapheme: string): number {
  // A flag, or a family joined of several, is one picture.
  if (/[\p{Extended_Pictographic}\p{Regional_Indicator}]/u.test(grapheme)) return 2;
  return [...grapheme].reduce((sum, character) => sum + characterWidth(character), 0);
}

function characterWidth(character: string): number {
  if (takesNoRoom.test(character)) return 0;
  return isNarrow.test(character) && !isFullWidth.test(character) ? 1 : 2;
}
