import { TmachineError } from '../../errors/tmachine-error.ts';
import type { Program } from '../main.ts';
import { type Answer, type Candidate, formatAnswer, noAnswer } from './candidates.ts';
import { findAnswer } from './find-answer.ts';
import { parseRequest, type Request } from './request.ts';

/**
 * Answers the scripts in `scripts/`, which call `tmachine __complete SHELL …` whenever the user presses Tab. A store that
 * cannot be read has nothing to offer; only a bug is an error.
 */
export async function answerCompletion(words: readonly string[], program: Program): Promise<string> {
  const request = parseRequest(words);
  const answer = await findAnswer(request, program).catch((error: unknown) => {
    if (error instanceof TmachineError) return noAnswer;
    throw error;
  });
  return formatAnswer(planShown(answer, request));
}

/** What the shell shall show: some shells narrow the words down themselves, and know better ways than we do. */
function planShown(answer: Answer, { narrows, current, kept }: Request): Answer {
  const candidates = answer.candidates.filter(({ value }) => narrows || startsWith(value, current));
  return { ...answer, candidates: candidates.map((each): Candidate => cut(each, kept)) };
}

function startsWith(value: string, typed: string): boolean {
  return value.toLowerCase().startsWith(typed.toLowerCase());
}

function cut({ value, summary }: Candidate, kept: string): Candidate {
  return { value: value.slice(kept.length), summary };
}
