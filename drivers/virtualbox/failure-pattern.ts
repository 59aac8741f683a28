/** What a user can do, where that is not the same on all systems. */
export type HintByPlatform = { readonly [P in NodeJS.Platform]?: string };

/** One known way in which VirtualBox refuses, as a row of a table. */
export interface FailurePattern {
  /** What VBoxManage writes: its words where they are English; its codes, and the call inside it that failed, in any language. */
  readonly pattern: RegExp;
  /** Only for calls whose words match. */
  readonly call?: RegExp | undefined;
  readonly code: string;
  /** Why it failed; `$1` and so on are the pattern's groups, `$details` is the last of VirtualBox's errors. */
  readonly reason: string;
  /** What the user can do; `$machine` is the machine's name. */
  readonly hint?: string | HintByPlatform | undefined;
}
