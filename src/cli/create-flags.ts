import type { DriverDefinition } from '../driver/contract.ts';
import type { Environment } from '../host/environment.ts';
import type { CommandFlags } from './command.ts';

/** The driver that `--driver`, `-d` or MACHINE_DRIVER names; of several the last one counts, as for every flag. */
export function namedDriver(words: readonly string[], env: Environment): string | undefined {
  let named: string | undefined;
  for (const [index, word] of words.entries()) {
    if (word === '--') break;
    const [, joined] = /^(?:--?driver|-d)=(.*)$/s.exec(word) ?? [];
    if (joined !== undefined) named = joined;
    else if (/^(?:--?driver|-d)$/.test(word)) named = words[index + 1] ?? named;
  }
  return named || env['MACHINE_DRIVER'] || undefined;
}

/** The driver whose own flag stands among the words, such as `--qemu-memory`; it need not be named then. */
export function impliedDriver(
  words: readonly string[],
  drivers: readonly DriverDefinition[],
): DriverDefinition | undefined {
  const end = words.indexOf('--');
  const names = (end < 0 ? words : words.slice(0, end)).flatMap((word) => /^--?([^=-][^=]*)/.exec(word)?.[1] ?? []);
  return drivers.find((driver) => names.some((name) => Object.hasOwn(driver.flags, name)));
}

/** The drivers that these words may mean: the named or implied one, else all. */
export function likelyDrivers(
  words: readonly string[],
  env: Environment,
  drivers: readonly DriverDefinition[],
): readonly DriverDefinition[] {
  const named = namedDriver(words, env);
  if (named !== undefined) return drivers.filter((driver) => driver.name === named);
  const implied = impliedDriver(words, drivers);
  return implied === undefined ? drivers : [implied];
}

/** A driver's flags as flags of `create`; the command's own ones win. */
export function createFlags(driver: DriverDefinition, own: CommandFlags): CommandFlags {
  return Object.fromEntries(Object.entries(driver.flags).filter(([name]) => !Object.hasOwn(own, name)));
}
