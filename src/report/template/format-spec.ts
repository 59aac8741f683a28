/** A verb of Go's `printf` with its flags. */
export interface FormatSpec {
  readonly verb: string;
  readonly plus: boolean;
  readonly minus: boolean;
  readonly sharp: boolean;
  readonly space: boolean;
  readonly zero: boolean;
  readonly width?: number | undefined;
  readonly precision?: number | undefined;
  /** `%+v`: names the fields of structs. */
  readonly namesFields: boolean;
  /** `%#v`: Go syntax. */
  readonly goSyntax: boolean;
  /** Inside a complaint about a wrong verb, where values print without their own `String()`. */
  readonly complaining: boolean;
}

/** Plain `%v`, as `print` and actions use it. */
export const plainSpec: FormatSpec = {
  verb: 'v',
  plus: false,
  minus: false,
  sharp: false,
  space: false,
  zero: false,
  namesFields: false,
  goSyntax: false,
  complaining: false,
};

/** Fills text up to the width, counted in characters. */
export function pad(text: string, spec: FormatSpec): string {
  if (spec.width === undefined) return text;
  const missing = spec.width - [...text].length;
  if (missing <= 0) return text;
  const filling = (spec.zero ? '0' : ' ').repeat(missing);
  return spec.minus ? text + filling : filling + text;
}
