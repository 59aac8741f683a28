import { formatEnglish } from './format-english.ts';

/** What a call of VBoxManage wrote, taken apart. Lines end with LF, and words that we read are English. */
export interface VBoxAnswer {
  readonly stdout: string;
  readonly stderr: string;
  /** What the start script said before the answer, such as that kernel modules are missing. */
  readonly warning: string;
}

/** Paragraphs that begin with `WARNING:`, with their indented and empty lines. */
const leadingWarnings = /^(?:WARNING:.*\n(?:[ \t].*\n|\n)*)+/;

/** Separates an answer from the warnings that VirtualBox's start scripts for Linux write before it, to the same stream. */
export function parseAnswer(result: { readonly stdout: string; readonly stderr: string }): VBoxAnswer {
  const stdout = withLf(result.stdout);
  const warning = leadingWarnings.exec(stdout)?.[0] ?? '';
  return { stdout: formatEnglish(stdout.slice(warning.length)), stderr: formatEnglish(withLf(result.stderr)), warning };
}

function withLf(text: string): string {
  return text.replaceAll('\r\n', '\n');
}
