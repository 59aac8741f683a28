import { type FormatSpec, plainSpec } from './format-spec.ts';
import { formatArgument } from './format-value.ts';
import { typeName, unwrapInterface, type Value } from './value.ts';

/** Widths and precisions beyond this are ignored, as in Go. */
const maxWidth = 1_000_000;

/** Go's `Sprintf`, with argument indexes (`%[2]d`) and `*` widths; mistakes show as `%!verb(…)` in the text. */
export function sprintf(format: string, values: readonly Value[]): string {
  const reader: Reader = { format, at: 0, values, next: 0, reordered: false, fitting: true, pinned: false };
  let text = '';
  while (reader.at < format.length) {
    const percent = format.indexOf('%', reader.at);
    if (percent < 0) {
      text += format.slice(reader.at);
      break;
    }
    text += format.slice(reader.at, percent);
    reader.at = percent + 1;
    text += formatDirective(reader);
  }
  return text + describeExtra(reader);
}

interface Reader {
  readonly format: string;
  at: number;
  readonly values: readonly Value[];
  /** Index of the value the next verb takes. */
  next: number;
  reordered: boolean;
  /** False once an index of the current directive points nowhere. */
  fitting: boolean;
  /** The last thing read was an index such as `[3]`. */
  pinned: boolean;
}

function formatDirective(reader: Reader): string {
  reader.fitting = true;
  reader.pinned = false;
  const flags = readFlags(reader);
  readIndex(reader);
  const width = readWidth(reader);
  const precision = readPrecision(reader);
  if (!reader.pinned) readIndex(reader);
  const complaints = `${width.complaint}${precision.complaint}`;
  const code = reader.format.codePointAt(reader.at);
  if (code === undefined) return `${complaints}%!(NOVERB)`;
  const verb = String.fromCodePoint(code);
  reader.at += verb.length;
  if (verb === '%') return `${complaints}%`;
  if (!reader.fitting) return `${complaints}%!${verb}(BADINDEX)`;
  const value = reader.values[reader.next];
  if (value === undefined) return `${complaints}%!${verb}(MISSING)`;
  reader.next++;
  const spec = withWidth({ ...flags, verb, width: width.number, precision: precision.number });
  return complaints + formatArgument(value, verb === 'v' ? asValueVerb(spec) : spec);
}

function readFlags(reader: Reader): FormatSpec {
  const flags = { ...plainSpec };
  for (; ; reader.at++) {
    switch (reader.format.charAt(reader.at)) {
      case '#':
        Object.assign(flags, { sharp: true });
        break;
      case '0':
        Object.assign(flags, { zero: !flags.minus });
        break;
      case '+':
        Object.assign(flags, { plus: true });
        break;
      case '-':
        Object.assign(flags, { minus: true, zero: false });
        break;
      case ' ':
        Object.assign(flags, { space: true });
        break;
      default:
        return flags;
    }
  }
}

function withWidth(spec: FormatSpec): FormatSpec {
  if (spec.width === undefined || spec.width >= 0) return spec;
  return { ...spec, width: -spec.width, minus: true, zero: false };
}

function asValueVerb(spec: FormatSpec): FormatSpec {
  return { ...spec, goSyntax: spec.sharp, sharp: false, namesFields: spec.plus, plus: false };
}

interface Count {
  readonly number: number | undefined;
  readonly complaint: string;
}

function readWidth(reader: Reader): Count {
  if (reader.format.charAt(reader.at) === '*') return readStar(reader, '%!(BADWIDTH)');
  const number = readDigits(reader);
  if (reader.pinned && number !== undefined) reader.fitting = false;
  return { number, complaint: '' };
}

function readPrecision(reader: Reader): Count {
  if (reader.format.charAt(reader.at) !== '.' || reader.at + 1 >= reader.format.length) {
    return { number: undefined, complaint: '' };
  }
  reader.at++;
  if (reader.pinned) reader.fitting = false;
  readIndex(reader);
  if (reader.format.charAt(reader.at) !== '*') return { number: readDigits(reader) ?? 0, complaint: '' };
  const count = readStar(reader, '%!(BADPREC)');
  return count.number !== undefined && count.number < 0 ? { number: undefined, complaint: '%!(BADPREC)' } : count;
}

function readStar(reader: Reader, complaint: string): Count {
  reader.at++;
  reader.pinned = false;
  const argument = reader.values[reader.next];
  if (argument === undefined) return { number: undefined, complaint };
  reader.next++;
  const value = unwrapInterface(argument);
  const number = value.kind === 'int' || value.kind === 'uint' ? Number(value.data) : Number.NaN;
  return Math.abs(number) <= maxWidth ? { number, complaint: '' } : { number: undefined, complaint };
}

function readDigits(reader: Reader): number | undefined {
  const start = reader.at;
  let number = 0;
  for (; ; reader.at++) {
    const digit = reader.format.charCodeAt(reader.at) - 48;
    if (!(digit >= 0 && digit <= 9)) break;
    number = number * 10 + digit;
    if (number > maxWidth * 10) {
      reader.at = reader.format.length;
      return undefined;
    }
  }
  return reader.at === start ? undefined : number;
}

function readIndex(reader: Reader): void {
  reader.pinned = false;
  if (reader.format.charAt(reader.at) !== '[') return;
  reader.reordered = true;
  const end = reader.format.indexOf(']', reader.at);
  const digits = reader.format.slice(reader.at + 1, end);
  const index = /^\d{1,7}$/.test(digits) ? Number(digits) - 1 : -1;
  reader.at = end < 0 ? reader.at + 1 : end + 1;
  if (end >= 0 && index >= 0 && index < reader.values.length) reader.next = index;
  else reader.fitting = false;
  reader.pinned = end >= 0 && /^\d{1,7}$/.test(digits);
}

function describeExtra({ reordered, next, values }: Reader): string {
  if (reordered || next >= values.length) return '';
  const extra = values.slice(next).map((boxed) => {
    const value = unwrapInterface(boxed);
    return value.kind === 'invalid' ? '<nil>' : `${typeName(value)}=${formatArgument(value, plainSpec)}`;
  });
  return `%!(EXTRA ${extra.join(', ')})`;
}
