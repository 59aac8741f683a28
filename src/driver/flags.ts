/** What a value stands for; completion offers such values. */
export type ValueKind =
  | 'command'
  | 'driver'
  | 'file'
  | 'filter'
  | 'folder'
  /** A file here, or `NAME:PATH` in a machine. */
  | 'guest-file'
  | 'image'
  | 'machine'
  /** The name of a machine that is still to be made. */
  | 'new-machine'
  | 'shell';

/** A flag as data; help, environment lookup, completion and types all derive from it. */
export type FlagSpec =
  | {
      readonly type: 'string';
      readonly summary: string;
      readonly default?: string;
      readonly env?: string;
      readonly choices?: readonly string[];
      readonly kind?: ValueKind;
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
  | {
      readonly type: 'list';
      readonly summary: string;
      readonly default?: readonly string[];
      readonly env?: string;
      readonly kind?: ValueKind;
    };

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
