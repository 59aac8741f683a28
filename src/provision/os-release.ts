/** Which Linux distribution a guest runs. */
export interface OsRelease {
  /** Lower-case name without spaces, such as `boot2docker`; `linux` where none is given. */
  readonly id: string;
  /** What it descends from, the nearest first. */
  readonly like: readonly string[];
  readonly versionId: string | undefined;
  readonly prettyName: string | undefined;
}

/** Reads /etc/os-release. Format: os-release(5), a shell assignment on each line. */
export function parseOsRelease(text: string): OsRelease {
  const values = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, key, value] = /^\s*([A-Z0-9_]+)=(.*?)\s*$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) values.set(key, unquote(value));
  }
  return {
    id: values.get('ID') || 'linux',
    like: (values.get('ID_LIKE') ?? '').split(/\s+/).filter((id) => id !== ''),
    versionId: values.get('VERSION_ID'),
    prettyName: values.get('PRETTY_NAME'),
  };
}

function unquote(value: string): string {
  const [, single] = /^'(.*)'$/.exec(value) ?? [];
  if (single !== undefined) return single;
  const [, double] = /^"(.*)"$/.exec(value) ?? [];
  return (double ?? value).replace(/\\(.)/g, '$1');
}
