/** What the stand-in for VBoxManage answers to one call; see call.js. */
export function callVBoxManage(asked: {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A file descriptor to read standard input from. */
  readonly input: number;
}): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>;
