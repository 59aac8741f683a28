import { type Cidr, formatCidr, isInside, networkOf, parseCidr } from './cidr.ts';

/** What `/etc/vbox/networks.conf` says. */
export interface NetworksConf {
  /** IPv4 ranges that host-only adapters may have. */
  readonly ranges: readonly Cidr[];
  /** Numbers (from 1) and words of lines that name a range but do not begin with `* `, so that VirtualBox passes them over. */
  readonly ignoredLines: readonly { readonly number: number; readonly text: string }[];
}

/** Where VirtualBox reads the ranges from. */
export const networksConfPath = '/etc/vbox/networks.conf';

/** What is allowed where the file does not exist. */
const defaultRanges: readonly Cidr[] = [{ address: 0xc0a8_3800, prefix: 21 }];

/**
 * Reads `networks.conf`; text that is `undefined` stands for a file that does not exist. A line counts when its first word
 * is `*`; its other words are ranges, and what is not a range is passed over. A file that allows nothing allows nothing.
 */
export function parseNetworksConf(text: string | undefined): NetworksConf {
  if (text === undefined) return { ranges: defaultRanges, ignoredLines: [] };
  const lines = text.split('\n').map((line, index) => ({ number: index + 1, text: line.trim() }));
  const isCounted = (line: { text: string }) => /^\*(\s|$)/.test(line.text);
  return {
    ranges: lines.filter(isCounted).flatMap((line) => rangesOf(line.text)),
    ignoredLines: lines.filter((line) => !isCounted(line) && rangesOf(line.text).length > 0),
  };
}

function rangesOf(line: string): readonly Cidr[] {
  if (line.startsWith('#')) return [];
  return line.split(/[\s*]+/).flatMap((word) => parseCidr(word) ?? []);
}

/** Whether this version on this system confines host-only adapters to ranges: from 6.1.28, and never on Windows. */
export function isRangeEnforced(
  platform: NodeJS.Platform,
  version: { readonly major: number; readonly minor: number; readonly patch: number },
): boolean {
  const { major, minor, patch } = version;
  const knowsRanges = major > 6 || (major === 6 && (minor > 1 || (minor === 1 && patch >= 28)));
  return platform !== 'win32' && knowsRanges;
}

/** Whether an adapter may have this address and prefix; `ranges` is missing where nothing is enforced. */
export function isAllowed(cidr: Cidr, ranges: readonly Cidr[] | undefined): boolean {
  if (ranges === undefined) return true;
  return ranges.some((range) => cidr.prefix >= range.prefix && isInside(range, cidr.address));
}

/** The line that allows the network, exactly as it must stand in `networks.conf`. */
export function formatRangeLine(cidr: Cidr): string {
  return `* ${formatCidr(networkOf(cidr))}`;
}

/** What to do so that VirtualBox allows the network, for a hint. */
export function formatRangeHint(cidr: Cidr, conf: NetworksConf): string {
  const line = formatRangeLine(cidr);
  const wrong = conf.ignoredLines.find(({ text }) => rangesOf(text).some((range) => isAllowed(cidr, [range])));
  if (wrong !== undefined)
    return `line ${wrong.number} of ${networksConfPath} must begin with an asterisk and a space: "* ${wrong.text.replace(/^[\s*]+/, '')}"`;
  return `add this line to ${networksConfPath} (make the file where there is none): ${line}`;
}
