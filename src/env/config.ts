/** What the options of `config` depend on. */
export interface ConfigRequest {
  /** The machine's folder, which holds `ca.pem`, `cert.pem` and `key.pem`. */
  readonly directory: string;
  /** Such as `tcp://192.168.99.100:2376`. */
  readonly url: string;
  readonly platform: NodeJS.Platform;
}

/** The Docker CLI options that reach a machine; the files are absolute. */
export interface ConfigOptions {
  readonly tlsVerify: boolean;
  readonly tlsCaCert: string;
  readonly tlsCert: string;
  readonly tlsKey: string;
  readonly host: string;
}

/** The options of a machine. */
export function planConfig({ directory, url, platform }: ConfigRequest): ConfigOptions {
  const file = (name: string): string => `${directory}${platform === 'win32' ? '\\' : '/'}${name}`;
  return { tlsVerify: true, tlsCaCert: file('ca.pem'), tlsCert: file('cert.pem'), tlsKey: file('key.pem'), host: url };
}

/** Options as words for the Docker CLI, one a line; paths are quoted as Go does, which the CLI undoes. */
export function formatConfig({ tlsCaCert, tlsCert, tlsKey, host }: ConfigOptions): string {
  return [
    '--tlsverify',
    `--tlscacert=${quoteGo(tlsCaCert)}`,
    `--tlscert=${quoteGo(tlsCert)}`,
    `--tlskey=${quoteGo(tlsKey)}`,
    `-H=${host}`,
    '',
  ].join('\n');
}

/** Go's `%q`: escapes quotes, backslashes and whatever cannot be printed (package strconv, Quote). */
export function quoteGo(text: string): string {
  const escaped = Array.from(text, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (character === '"' || character === '\\') return `\\${character}`;
    if (goEscapes[character] !== undefined) return goEscapes[character];
    if (character === ' ' || /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(character)) return character;
    if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
  return `"${escaped.join('')}"`;
}

const goEscapes: Readonly<Record<string, string | undefined>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};
