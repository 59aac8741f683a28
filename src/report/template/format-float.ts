/** How Go's `strconv` lays out a float: `e`, `f`, `g`, hexadecimal or binary mantissa. */
export type FloatLayout = 'e' | 'f' | 'g' | 'x' | 'b';

/** Writes a finite float without its sign; without a precision, the fewest digits that name it (`e`, `f`: six). */
export function formatFloat(magnitude: number, layout: FloatLayout, precision: number | undefined): string {
  switch (layout) {
    case 'e': {
      const { digits, exponent } = rounded(magnitude, precision ?? 6);
      return exponential(digits, exponent);
    }
    case 'f':
      return fixed(magnitude, precision ?? 6);
    case 'g':
      return general(magnitude, precision);
    case 'x':
      return hexadecimal(magnitude);
    case 'b': {
      const { mantissa, exponent } = decompose(magnitude);
      return `${mantissa}p${exponent < 0 ? '' : '+'}${exponent}`;
    }
  }
}

/** Significant digits d and an exponent e, for d[0].d[1]d[2]… × 10^e. */
interface Decimal {
  readonly digits: string;
  readonly exponent: number;
}

function general(magnitude: number, precision: number | undefined): string {
  const wanted = precision === 0 ? 1 : precision;
  const { digits: all, exponent } = wanted === undefined ? shortest(magnitude) : rounded(magnitude, wanted - 1);
  const digits = trimZeros(all);
  // Go's threshold for scientific notation: 6 digits unless a precision says otherwise.
  let threshold = wanted ?? 6;
  if (wanted !== undefined && wanted > digits.length && digits.length > exponent) threshold = digits.length;
  if (exponent < -4 || exponent >= threshold) return exponential(digits, exponent);
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = digits.slice(exponent + 1);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

function shortest(magnitude: number): Decimal {
  const [mantissa = '', exponent = '0'] = magnitude.toExponential().split('e');
  return { digits: mantissa.replace('.', ''), exponent: Number(exponent) };
}

function rounded(magnitude: number, fractionDigits: number): Decimal {
  if (magnitude === 0) return { digits: '0'.repeat(fractionDigits + 1), exponent: 0 };
  const { exponent } = shortest(magnitude);
  const digits = scaled(magnitude, fractionDigits - exponent).toString();
  if (digits.length <= fractionDigits + 1) return { digits, exponent };
  return { digits: digits.slice(0, -1), exponent: exponent + 1 };
}

function fixed(magnitude: number, fractionDigits: number): string {
  const digits = scaled(magnitude, fractionDigits)
    .toString()
    .padStart(fractionDigits + 1, '0');
  const point = digits.length - fractionDigits;
  return fractionDigits === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
}

function exponential(digits: string, exponent: number): string {
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
  return `${digits.slice(0, 1)}${fraction}e${signedExponent(exponent)}`;
}

function hexadecimal(magnitude: number): string {
  if (magnitude === 0) return '0x0p+00';
  const { mantissa, exponent } = decompose(magnitude);
  const bits = mantissa.toString(2);
  const fraction = BigInt(`0b${bits.slice(1).padEnd(52, '0')}`)
    .toString(16)
    .padStart(13, '0');
  const digits = fraction.replace(/0+$/, '');
  return `0x1${digits === '' ? '' : `.${digits}`}p${signedExponent(exponent + bits.length - 1)}`;
}

function signedExponent(exponent: number): string {
  return `${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function trimZeros(digits: string): string {
  let end = digits.length;
  while (end > 1 && digits.charAt(end - 1) === '0') end--;
  return digits.slice(0, end);
}

/** The float times 10^power, rounded half to even: exact, unlike toFixed, which rounds ties up. */
function scaled(magnitude: number, power: number): bigint {
  const { mantissa, exponent } = decompose(magnitude);
  let numerator = exponent >= 0 ? mantissa << BigInt(exponent) : mantissa;
  let denominator = exponent < 0 ? 1n << BigInt(-exponent) : 1n;
  if (power >= 0) numerator *= 10n ** BigInt(power);
  else denominator *= 10n ** BigInt(-power);
  const quotient = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  const up = twice > denominator || (twice === denominator && quotient % 2n === 1n);
  return up ? quotient + 1n : quotient;
}

interface Binary {
  readonly mantissa: bigint;
  readonly exponent: number;
}

/** The float as mantissa × 2^exponent. */
function decompose(magnitude: number): Binary {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, magnitude);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  if (biased === 0) return { mantissa: fraction, exponent: -1074 };
  return { mantissa: fraction | (1n << 52n), exponent: biased - 1075 };
}
