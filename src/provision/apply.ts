import { Readable, Writable } from 'node:stream';
import { messageOf, TmachineError } from '../errors/tmachine-error.ts';
import type { Emit } from '../events/event.ts';
import type { Guest } from '../ssh/guest.ts';
import { collectAnswer } from './answer.ts';
import { describeStep, formatRecipeScript, parseScriptReport, type Recipe, type ScriptReport } from './recipe.ts';

/** Where a recipe is applied. */
export interface ApplyContext {
  readonly guest: Guest;
  readonly emit: Emit;
  /** The machine, in error messages. */
  readonly name: string;
}

/** A recipe that depends on what the guest says. */
export interface RecipeRequest {
  /** A command whose output decides. It runs as the user, and not as root. */
  readonly question: string;
  plan(answer: Promise<string>): Promise<Recipe>;
}

/**
 * Asks and runs a whole recipe in one session, because each costs an emulated guest a quarter of a second: the recipe's script is
 * the input of a root shell, which starts while the recipe is being planned. Its titles become steps, as they are reached.
 *
 * @throws TmachineError `PROVISION_FAILED` naming the step, with what it said and the end of the daemon's log; or why
 * there is no recipe.
 */
export async function applyRecipe({ question, plan }: RecipeRequest, context: ApplyContext): Promise<void> {
  const story: Story = { said: [], log: [] };
  const answer = collectAnswer(endOfAnswer);
  const planned = plan(answer.text);
  let titles: TitleSteps | undefined;
  const output = lines((line) => {
    if (answer.take(line)) return;
    const report = parseScriptReport(line);
    if (report.type === 'step') titles?.reach(report.index);
    tell(story, report);
  });
  const script = async function* () {
    const recipe = await planned.catch(() => undefined);
    if (recipe === undefined) return;
    titles = titleSteps(recipe, context.emit);
    yield Buffer.from(formatRecipeScript(recipe));
  };
  const stdin = Readable.from(script(), { objectMode: false });
  const running = context.guest.stream(`${question}; ${rootShell}`, { stdin, stdout: output, stderr: output });
  running.then(answer.end, answer.fail);
  const recipe = await planned;
  try {
    const status = await running;
    if (status !== 0) throw provisionFailure(recipe, { story, status, name: context.name });
    titles?.finish();
  } catch (error) {
    titles?.fail(messageOf(error));
    throw error;
  }
}

const endOfAnswer = 'tmachine-asked';
/** root may have no sudo. */
const rootShell = `echo ${endOfAnswer}; if [ "$(id -u)" -eq 0 ]; then exec sh -s; else exec sudo -n sh -s; fi`;

/** What is known of a run so far: the step it is at, what was said since, and the end of the daemon's log. */
interface Story {
  readonly said: string[];
  readonly log: string[];
  step?: number;
  status?: number;
}

function tell(story: Story, report: ScriptReport): void {
  if (report.type === 'said') story.said.push(report.line);
  if (report.type === 'log') story.log.push(report.line);
  if (report.type === 'failed') story.status = report.status;
  if (report.type !== 'step') return;
  story.step = report.index;
  story.said.length = 0;
}

interface TitleSteps {
  reach(index: number): void;
  finish(): void;
  fail(message: string): void;
}

function titleSteps(recipe: Recipe, emit: Emit): TitleSteps {
  let current: string | undefined;
  const finish = (): void => {
    if (current !== undefined) emit({ type: 'step.finished', step: current });
    current = undefined;
  };
  return {
    reach: (index) => {
      const reached = recipe.steps[index];
      if (reached?.type !== 'title') return;
      finish();
      current = `provision-${index}`;
      emit({ type: 'step.started', step: current, title: reached.title });
    },
    finish,
    fail: (message) => {
      if (current !== undefined) emit({ type: 'step.failed', step: current, message });
    },
  };
}

/** Takes bytes and gives whole lines; what follows the last newline is dropped. */
function lines(take: (line: string) => void): Writable {
  let rest = '';
  const decoder = new TextDecoder();
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = parts.pop() ?? '';
      for (const part of parts) take(part);
      done();
    },
  });
}

interface FailedRun {
  readonly story: Story;
  readonly status: number;
  readonly name: string;
}

function provisionFailure(recipe: Recipe, run: FailedRun): TmachineError {
  const { story, name } = run;
  const step = story.step === undefined ? undefined : recipe.steps[story.step];
  const what = step === undefined ? 'a root shell' : `"${describeStep(step)}"`;
  const reason = story.said.at(-1) ?? `it ended with status ${story.status ?? run.status}`;
  const tail = story.log.length === 0 ? '' : `\nThe end of the daemon's log:\n${story.log.join('\n')}`;
  return new TmachineError(`Cannot provision "${name}": ${what} failed: ${reason}${tail}`, {
    code: 'PROVISION_FAILED',
    hint: `look around inside: tmachine ssh ${name}`,
  });
}
