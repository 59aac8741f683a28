/** Linux's numbers, for the guest is Linux whatever this computer is; see signal(7). */
const signalNumbers: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  XCPU: 24,
  XFSZ: 25,
  SYS: 31,
};

/** The exit status a shell gives a command that a signal ended: 128 and the signal's number. */
export function statusOfSignal(name: string): number {
  return 128 + (signalNumbers[name.replace(/^SIG/, '')] ?? 0);
}
