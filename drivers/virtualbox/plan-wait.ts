import type { FailedCall } from './failures.ts';

/** Failures that pass by themselves, each with how long, in milliseconds, that is worth waiting for. */
interface Transience {
  readonly pattern: RegExp;
  /** Only for calls whose words match. */
  readonly call?: RegExp | undefined;
  readonly patienceMs: number;
  /** What is waited for, as the user reads it. */
  readonly what: string;
}

/**
 * VirtualBox's words where they are English, its codes and the call that failed where they are not. Another VBoxManage that looks at the
 * same VM, or ends at that moment, is enough to bring these about.
 */
const transiences: readonly Transience[] = [
  {
    pattern:
      /object is not ready|session is not locked|UNEXPECTED[\s\S]*"UnlockMachine\(|E_ACCESSDENIED[\s\S]*"Get\w+\(/,
    patienceMs: 15_000,
    what: 'another call of VBoxManage to end',
  },
  {
    pattern: /already has a lock request pending/,
    patienceMs: 15_000,
    what: 'another call of VBoxManage to end',
  },
  {
    // A VM that is open in a window or runs looks the same: that does not pass.
    pattern:
      /already locked (?:for|by) a session|while it is locked|VBOX_E_INVALID_OBJECT_STATE[\s\S]*"(?:LockMachine|LaunchVMProcess|Unregister)\(/,
    patienceMs: 3000,
    what: 'VirtualBox to let go of the machine',
  },
  {
    // The service was not reached, so nothing has been done. An installation that is broken does not mend itself.
    pattern:
      /^(?![\s\S]*(?:REGDB_E_|E_NOINTERFACE|NS_ERROR_FACTORY))[\s\S]*(?:COM server is not running|CO_E_SERVER_EXEC_FAILURE|NS_BASE_STREAM_WOULD_BLOCK|NS_ERROR_SOCKET_FAIL)/,
    patienceMs: 5000,
    what: 'VirtualBox’s background service',
  },
  {
    // The service ended in the middle: only questions may be asked again.
    pattern: /NS_ERROR_CALL_FAILED|NS_ERROR_ABORT|RPC_[ES]_\w+|0x800706b[ae]/i,
    call: /^(?:list|showvminfo|guestproperty get|dhcpserver findlease)\b/,
    patienceMs: 5000,
    what: 'VirtualBox’s background service',
  },
];

/** How a failure that may pass is waited for; nothing for one that does not. */
export function planWait({ args, stderr }: Pick<FailedCall, 'args' | 'stderr'>): Transience | undefined {
  const words = args.join(' ');
  return transiences.find(({ pattern, call }) => pattern.test(stderr) && call?.test(words) !== false);
}
