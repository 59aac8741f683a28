import { TmachineError } from 'tmachine/driver';

/** An option value that no machine can have. */
export function optionInvalid(flag: string, value: string, reason: string, hint?: string): TmachineError {
  return new TmachineError(`Invalid value "${value}" for --${flag}: ${reason}`, {
    code: 'VIRTUALBOX_OPTION_INVALID',
    hint,
  });
}
