import { quoteWord } from '../ssh/quote.ts';

/** One thing to be done in a guest, as root. All of them can be done again without harm. */
export type RecipeStep =
  | { readonly type: 'folder'; readonly path: string }
  /** Replaced only where something differs; then the script's variable `changed` is 1 for what follows. */
  | { readonly type: 'file'; readonly path: string; readonly content: FileContent; readonly mode: number }
  /** Fails when the command does. It may set `changed`, too. */
  | { readonly type: 'command'; readonly summary: string; readonly script: string }
  /** From here on the user reads another title. */
  | { readonly type: 'title'; readonly title: string };

/** A text, or its parts in order; a part may be what a command prints. */
type FileContent = string | readonly (string | { readonly outputOf: string })[];

/** What a distribution needs done, and where its daemon tells why it does not start. */
export interface Recipe {
  readonly steps: readonly RecipeStep[];
  /** Prints the end of the daemon's log. */
  readonly daemonLog: string;
}

/** A script for `daemonLog`: the end of the first of these files that exists. */
export function tailOfFirst(files: readonly string[]): string {
  return `for log in ${files.map(quoteWord).join(' ')}; do [ ! -f "$log" ] || { tail -n 20 "$log"; break; }; done`;
}

/** What the script of a recipe says on its standard output. */
export type ScriptReport =
  | { readonly type: 'step'; readonly index: number }
  | { readonly type: 'failed'; readonly index: number; readonly status: number }
  | { readonly type: 'log'; readonly line: string }
  /** What the programs it called say. */
  | { readonly type: 'said'; readonly line: string };

/**
 * The whole recipe as one POSIX shell script, to be fed to a root shell: no content ever is an argument of a program,
 * where other users of the guest could read it. It reports as `parseScriptReport` reads.
 */
export function formatRecipeScript(recipe: Recipe): string {
  const steps = recipe.steps.map((step, index) => `step=${index}; echo "tmachine-step $step"\n${formatStep(step)}\n`);
  return `exec 2>&1
set -e
umask 077
changed=
step=0
finish() {
  status=$?
  trap - EXIT
  [ "$status" -eq 0 ] && exit 0
  { ${recipe.daemonLog}; } 2>/dev/null | sed 's/^/tmachine-log /'
  echo "tmachine-failed $step $status"
  exit "$status"
}
trap finish EXIT
${steps.join('')}exit 0
`;
}

/** Reads a line of the script's output. */
export function parseScriptReport(line: string): ScriptReport {
  const [, kind, index, status] = /^tmachine-(step|failed) (\d+)(?: (\d+))?$/.exec(line) ?? [];
  if (kind === 'step') return { type: 'step', index: Number(index) };
  if (kind === 'failed') return { type: 'failed', index: Number(index), status: Number(status) };
  const [, logged] = /^tmachine-log (.*)$/.exec(line) ?? [];
  return logged === undefined ? { type: 'said', line } : { type: 'log', line: logged };
}

/** A step in the words of an error message. */
export function describeStep(step: RecipeStep): string {
  if (step.type === 'command') return step.summary;
  if (step.type === 'title') return step.title;
  return step.type === 'folder' ? `make ${step.path}` : `write ${step.path}`;
}

/** Programs must not read the rest of the script; printf is part of the shell, so its words show in no process list. */
function formatStep(step: RecipeStep): string {
  if (step.type === 'title') return '';
  if (step.type === 'command') return `{\n${step.script}\n} </dev/null`;
  const path = quoteWord(step.path);
  // Readable for all, as far as the file modes allow: other programs of the guest look in here.
  if (step.type === 'folder') return `[ -d ${path} ] || (umask 022; mkdir -p ${path})`;
  const mode = step.mode.toString(8).padStart(4, '0');
  const next = quoteWord(`${step.path}.new`);
  return `${formatContent(step.content)} >${next}
if [ -f ${path} ] && [ "$(cat ${path})" = "$(cat ${next})" ]; then
chmod ${mode} ${path}
rm -f ${next}
else
chmod ${mode} ${next}
mv -f ${next} ${path}
changed=1
fi`;
}

function formatContent(content: FileContent): string {
  if (typeof content === 'string') return `printf %s ${quoteText(content)}`;
  const parts = content.map((part) => (typeof part === 'string' ? `printf %s ${quoteText(part)}` : part.outputOf));
  return `{\n${parts.join('\n')}\n}`;
}

function quoteText(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
