import { messageOf, TmachineError } from '../../errors/tmachine-error.ts';

/** The statuses that mean something to us. Specification: draft-ietf-secsh-filexfer-02, section 7. */
export const statuses = {
  ok: 0,
  endOfFile: 1,
  noSuchFile: 2,
  permissionDenied: 3,
  failure: 4,
  unsupported: 8,
} as const;

/** A request that the server refused. */
export class SftpRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'SftpRefusal';
    this.status = status;
  }
}

/** Whether the server refused with this status. */
export function isRefusal(error: unknown, status: number): boolean {
  return error instanceof SftpRefusal && error.status === status;
}

/** The error for a guest that has no SFTP server to offer. */
export function sftpMissing(cause: unknown): TmachineError {
  return new TmachineError(`The guest does not offer SFTP: ${messageOf(cause)}`, {
    code: 'SFTP_MISSING',
    hint: 'install an SFTP server there, such as the package openssh-sftp-server, and name it in /etc/ssh/sshd_config',
    cause,
  });
}

/** The error for a connection on which something else than SFTP is spoken. */
export function sftpGarbled(cause: unknown): TmachineError {
  return new TmachineError('What the guest sends is not SFTP', {
    code: 'SFTP_GARBLED',
    hint: "the start-up files of the user's shell in the guest must print nothing where there is no terminal",
    cause,
  });
}
