/** `help NAME …` is `NAME … --help`, so that `help create -d qemu` knows which driver is meant. */
export function asHelpFlag(words: readonly string[]): readonly string[] {
  if (words[0] !== 'help' && words[0] !== 'h') return words;
  const at = words.findIndex((word, index) => index > 0 && !word.startsWith('-'));
  return at < 0 ? words : [words[at] ?? '', '--help', ...words.slice(1, at), ...words.slice(at + 1)];
}
