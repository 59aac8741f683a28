const units: readonly (readonly [bigint, string])[] = [
  [1_000_000n, 'ms'],
  [1_000n, 'µs'],
  [1n, 'ns'],
];

/** A duration in nanoseconds as Go prints it: `0s`, `345ms`, `1.5s`, `1m0s`, `2h3m4s`. */
export function formatDuration(nanoseconds: bigint): string {
  if (nanoseconds < 0n) return `-${formatDuration(-nanoseconds)}`;
  if (nanoseconds === 0n) return '0s';
  const seconds = nanoseconds / 1_000_000_000n;
  if (seconds === 0n) {
    const [size, name] = units.find(([candidate]) => nanoseconds >= candidate) ?? [1n, 'ns'];
    return `${decimal(nanoseconds, size)}${name}`;
  }
  const hours = seconds / 3600n;
  const minutes = (seconds / 60n) % 60n;
  const rest = `${decimal(nanoseconds % 60_000_000_000n, 1_000_000_000n)}s`;
  if (hours > 0n) return `${hours}h${minutes}m${rest}`;
  return minutes > 0n ? `${minutes}m${rest}` : rest;
}

function decimal(amount: bigint, unit: bigint): string {
  const remainder = amount % unit;
  if (remainder === 0n) return String(amount / unit);
  const digits = String(remainder).padStart(String(unit).length - 1, '0');
  return `${amount / unit}.${digits.replace(/0+$/, '')}`;
}
