/** Console text as lines for people: without control sequences, and without the empty lines at its end. */
export function formatConsole(text: string, count: number): readonly string[] {
  return text
    .replaceAll(controlSequence, '')
    .replaceAll('\r', '')
    .trimEnd()
    .split('\n')
    .slice(-count)
    .filter((line, index, lines) => lines.length > 1 || index > 0 || line !== '');
}

/** ANSI sequences (ECMA-48) that boot loaders and kernels send to a terminal, and other control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to be removed
const controlSequence = /\x1b(?:\[[0-9;?]*[ -/]*[@-~]|[@-Z\\-_])|[\x00-\x08\x0b\x0c\x0e-\x1a\x7f]/g;
