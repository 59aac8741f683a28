import { TmachineError } from '../errors/tmachine-error.ts';

/** @throws TmachineError `INVALID_NAME` unless the name can be a host name and a folder, as docker-machine demands. */
export function checkName(name: string): void {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9\-.]*$/.test(name))
    throw new TmachineError(
      'Error creating machine: Invalid hostname specified. Allowed hostname chars are: 0-9a-zA-Z . -',
      { code: 'INVALID_NAME', hint: `begin with a letter or digit, such as "myhost"; got "${name}"` },
    );
}
