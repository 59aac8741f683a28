/** What decides how work is shown. */
export interface ReportConditions {
  /** `auto`, `terminal`, `plain` or `json`. */
  readonly logFormat: string;
  readonly isTTY: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** How work is shown. */
export interface ReportStyle {
  readonly kind: 'terminal' | 'plain' | 'json';
  readonly color: boolean;
}

/** Redraws only on a terminal that can, and colours only where nobody objects (https://no-color.org). */
export function chooseReport({ logFormat, isTTY, env }: ReportConditions): ReportStyle {
  const canMove = isTTY && env['TERM'] !== 'dumb' && !isSet(env['CI']);
  const color = canMove && !isSet(env['NO_COLOR']);
  if (logFormat === 'json') return { kind: 'json', color: false };
  if (logFormat === 'terminal') return { kind: 'terminal', color: !isSet(env['NO_COLOR']) };
  if (logFormat === 'plain') return { kind: 'plain', color };
  return { kind: canMove ? 'terminal' : 'plain', color };
}

/** CI systems and users switch a variable off with nothing, 0 or false. */
function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false';
}
