import { TmachineError } from '../../errors/tmachine-error.ts';

/**
 * Ends a function of a template; the evaluator puts the place in front.
 * @throws TmachineError TEMPLATE_FAILED
 */
export function refuse(reason: string): never {
  throw new TmachineError(reason, { code: 'TEMPLATE_FAILED' });
}
