import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requireExpressible, type Shell, shells } from '../../env/shells.ts';

/** A shell we complete for. */
export type CompletionShell = 'bash' | 'zsh' | 'fish' | 'powershell';

/** The shells there is a script for: its ending, and the dialect it quotes in. */
const scripts: Readonly<Record<CompletionShell, { readonly ending: string; readonly dialect: Shell }>> = {
  bash: { ending: 'bash', dialect: 'posix' },
  zsh: { ending: 'zsh', dialect: 'posix' },
  fish: { ending: 'fish', dialect: 'fish' },
  powershell: { ending: 'ps1', dialect: 'powershell' },
};

/**
 * The script that a shell evaluates; it calls `program`, a name on PATH or a path.
 *
 * @throws TmachineError `VALUE_NOT_EXPRESSIBLE` for a path that no shell can carry.
 */
export async function readCompletionScript(shell: CompletionShell, program: string): Promise<string> {
  const { ending, dialect } = scripts[shell];
  requireExpressible('the completion', program);
  const text = await readFile(join(import.meta.dirname, 'scripts', `tmachine.${ending}`), 'utf8');
  // Git may have written CRLF on Windows.
  return text.replaceAll('\r\n', '\n').replace('@tmachine@', () => shells[dialect].quoteWord(program));
}
