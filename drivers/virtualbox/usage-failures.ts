import type { FailurePattern } from './failure-pattern.ts';

/** Calls that this version of VirtualBox does not understand; tried last, because old versions add their usage to other errors. */
export const usageFailures: readonly FailurePattern[] = [
  {
    pattern:
      /Unknown option:? (\S+)|Unknown subcommand "?([^".\n]+)|Invalid command '([^']*)'|(Invalid parameter '[^']*')|Parameter (\S+) is required|(Missing or invalid argument to '[^']*')|Syntax error: ([^\n]*)/i,
    code: 'VBOX_CALL_UNKNOWN',
    reason: 'this version of VirtualBox does not understand "$1$2$3$4$5$6$7"',
    hint: 'update VirtualBox: 5.2 is the oldest that tmachine knows, 7 or newer the best',
  },
  {
    pattern: /error: *$/m,
    code: 'VBOX_CALL_UNKNOWN',
    reason: 'VirtualBox takes one of the values for invalid, and does not say which',
    hint: 'look at the numbers among the --virtualbox options',
  },
];
