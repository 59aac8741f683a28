import { TmachineError } from '../errors/tmachine-error.ts';

/** Whether a name can be a host name and a folder, as docker-machine demands. */
export function isMachineName(name: string): boolean {
  return /^[a-zA-Z0-9][a-zA-Z0-9\-.]*$/.test(name);
}

/** @throws TmachineError `INVALID_NAME` unless it is a machine's name. */
export function checkName(name: string): void {
  if (!isMachineName(name))
    throw new TmachineError(
      'Error creating machine: Invalid hostname specified. Allowed hostname chars are: 0-9a-zA-Z . -',
      { code: 'INVALID_NAME', hint: `begin with a letter or digit, such as "myhost"; got "${name}"` },
    );
}
