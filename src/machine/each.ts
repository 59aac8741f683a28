import { TmachineError } from '../errors/tmachine-error.ts';

/** How one of several machines fared. */
export type Outcome<T> =
  | { readonly name: string; readonly value: T; readonly error?: undefined }
  | { readonly name: string; readonly error: unknown };

/** Runs work on every name, at most `limit` at once; one failure stops no other. Answers in the order of the names. */
export async function forEachMachine<T>(
  names: readonly string[],
  work: (name: string) => Promise<T>,
  limit = 8,
): Promise<readonly Outcome<T>[]> {
  const outcomes: Outcome<T>[] = [];
  const queue = [...names.entries()];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, name] = next;
      outcomes[index] = await work(name).then(
        (value) => ({ name, value }),
        (error: unknown) => ({ name, error }),
      );
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, names.length) }, worker));
  return outcomes;
}

/** @throws what `failureOf` gives, where it gives something. */
export function throwFailures(outcomes: readonly Outcome<unknown>[]): void {
  const failure = failureOf(outcomes);
  if (failure !== undefined) throw failure;
}

/**
 * The only error, or one TmachineError with every error's message and the highest exit code; nothing where all went well.
 * Of several machines each error names its own.
 */
export function failureOf(outcomes: readonly Outcome<unknown>[]): unknown {
  const failed = outcomes.filter((outcome) => 'error' in outcome && outcome.error !== undefined);
  const errors = failed.map(({ name, error }) => (outcomes.length > 1 ? withName(name, error) : error));
  if (errors.length <= 1) return errors[0];
  const bug = errors.find((error) => !(error instanceof TmachineError));
  if (bug !== undefined) return bug;
  const foreseen = errors as TmachineError[];
  return new TmachineError(foreseen.map((error) => error.message).join('\n'), {
    code: 'SEVERAL_FAILED',
    exitCode: Math.max(...foreseen.map((error) => error.exitCode)),
    hint: [...new Set(foreseen.flatMap((error) => error.hint ?? []))].join('\n') || undefined,
    cause: errors,
  });
}

function withName(name: string, error: unknown): unknown {
  if (!(error instanceof TmachineError) || error.message.includes(name)) return error;
  const { message, code, hint, exitCode, cause } = error;
  return new TmachineError(`${name}: ${message}`, { code, hint, exitCode, cause });
}
