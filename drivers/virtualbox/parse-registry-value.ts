/** Reads the line `    NAME    REG_SZ    VALUE` of `reg query`; nothing when there is no such value. */
export function parseRegistryValue(answer: string, name: string): string | undefined {
  return new RegExp(`^\\s+${name}\\s+REG_(?:EXPAND_)?SZ\\s+(.+?)\\s*$`, 'm').exec(answer)?.[1];
}
