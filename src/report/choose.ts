type Environment = Readonly<Record<string, string | undefined>>;

/** What decides how work is shown. */
export interface ReportConditions {
  /** `auto`, `terminal`, `plain` or `json`. */
  readonly logFormat: string;
  readonly isTTY: boolean;
  readonly env: Environment;
  readonly platform: NodeJS.Platform;
}

/** How work is shown. */
export interface ReportStyle {
  readonly kind: 'terminal' | 'plain' | 'json';
  readonly color: boolean;
  /** Whether symbols beyond ASCII can be shown. */
  readonly unicode: boolean;
}

/**
 * Redraws only on a terminal that can, and colours only where nobody objects: NO_COLOR with any value forbids colours
 * (https://no-color.org), CLICOLOR_FORCE demands them where there is no terminal (https://bixense.com/clicolors).
 */
export function chooseReport({ logFormat, isTTY, env, platform }: ReportConditions): ReportStyle {
  const canMove = isTTY && env['TERM'] !== 'dumb' && !isSet(env['CI']);
  const isForced = logFormat === 'terminal' || isSet(env['CLICOLOR_FORCE']);
  const color = !env['NO_COLOR'] && (canMove || isForced);
  const unicode = showsUnicode(env, platform);
  if (logFormat === 'json') return { kind: 'json', color: false, unicode };
  if (logFormat === 'terminal' || logFormat === 'plain') return { kind: logFormat, color, unicode };
  return { kind: canMove ? 'terminal' : 'plain', color, unicode };
}

/** By the locale, as POSIX (2018) looks it up in section 8.2; Windows has none, but its newer terminals tell who they are. */
function showsUnicode(env: Environment, platform: NodeJS.Platform): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'];
  if (locale) return /utf-?8/i.test(locale);
  if (platform === 'win32') return isSet(env['WT_SESSION']) || env['TERM_PROGRAM'] === 'vscode';
  return platform === 'darwin';
}

/** CI systems and users switch a variable off with nothing, 0 or false. */
function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false';
}
