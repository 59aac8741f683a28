import { messageOf, TmachineError } from '../../errors/tmachine-error.ts';
import { isRefusal, statuses } from '../../ssh/sftp/status.ts';

/** Ways in which a file can refuse. */
type Reason = 'missing' | 'denied' | 'folder' | 'no-folder' | 'full' | 'read-only' | 'too-long' | 'links';

const reasons: Readonly<
  Record<Reason, { readonly text: string; readonly codes: readonly string[]; readonly hint?: string }>
> = {
  missing: { text: 'there is no such file or folder', codes: ['ENOENT'] },
  denied: { text: 'permission denied', codes: ['EACCES', 'EPERM'] },
  folder: { text: 'it is a folder', codes: ['EISDIR'] },
  'no-folder': { text: 'a part of the path is not a folder', codes: ['ENOTDIR'] },
  full: { text: 'the disk is full', codes: ['ENOSPC', 'EDQUOT'], hint: 'make room there, and try again' },
  'read-only': { text: 'the disk is read-only', codes: ['EROFS'] },
  'too-long': { text: 'the name is too long', codes: ['ENAMETOOLONG'] },
  links: { text: 'the links go round in a circle', codes: ['ELOOP'] },
};

/** What was done to which file. */
export interface FileAction {
  readonly verb: 'read' | 'write' | 'list' | 'make';
  readonly place: string;
  readonly path: string;
}

/** The failure of a file here or in a guest, by what Node or the SFTP server says; other failures as they are. */
export function fileFailure(action: FileAction, error: unknown, found?: Reason): unknown {
  if (error instanceof TmachineError) return error;
  const reason = found ?? reasonOf(error);
  const text = reason === undefined ? messageOf(error) : reasons[reason].text;
  return new TmachineError(`Cannot ${action.verb} ${formatPath(action.place, action.path)}: ${text}`, {
    code: reason === 'full' ? 'DISK_FULL' : 'COPY_FAILED',
    hint: reason === 'denied' ? hintForDenied(action) : reason && reasons[reason].hint,
    // What is known is said already.
    cause: reason === undefined ? error : undefined,
  });
}

function reasonOf(error: unknown): Reason | undefined {
  if (isRefusal(error, statuses.noSuchFile)) return 'missing';
  if (isRefusal(error, statuses.permissionDenied)) return 'denied';
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return (Object.keys(reasons) as Reason[]).find((reason) => reasons[reason].codes.includes(code));
}

function hintForDenied({ verb, place }: FileAction): string | undefined {
  const machine = place.replace(/^.*@|:$/g, '');
  if (machine === '') return 'see whose it is with ls -l';
  return verb === 'write' || verb === 'make'
    ? `copy it to the home folder and move it from there: tmachine ssh ${machine} sudo mv …`
    : `make a copy that the user may read: tmachine ssh ${machine} sudo cp …`;
}

/** A path for a message, quoted; control characters cannot play with the terminal. */
export function formatPath(place: string, path: string): string {
  const shown = path.replace(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return `"${place}${shown}"`;
}
