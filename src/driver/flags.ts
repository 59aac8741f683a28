/** A flag as data; help, environment lookup and types all derive from it. */
export type FlagSpec =
  | {
      readonly type: 'string';
      readonly summary: string;
      readonly default?: string;
      readonly env?: string;
      readonly choices?: readonly string[];
    }
  | {
      readonly type: 'integer';
      readonly summary: string;
      readonly default?: number;
      readonly env?: string;
      readonly min?: number;
      readonly max?: number;
    }
  | { readonly type: 'boolean'; readonly summary: string; readonly env?: string }
  | { readonly type: 'list'; readonly summary: string; readonly default?: readonly string[]; readonly env?: string };

/** Flags by their long name without dashes. */
export type FlagSpecs = { readonly [name: string]: FlagSpec };

/** The value of one flag: `undefined` only where there is no default. */
export type FlagValue<F extends FlagSpec> = F extends { readonly type: 'boolean' }
  ? boolean
  : F extends { readonly type: 'list' }
    ? readonly string[]
    : F extends { readonly type: 'integer' }
      ? F extends { readonly default: number }
        ? number
        : number | undefined
      : F extends { readonly default: string }
        ? string
        : string | undefined;

/** The values of all flags of a definition. */
export type FlagValues<F extends FlagSpecs> = { readonly [N in keyof F]: FlagValue<F[N]> };
