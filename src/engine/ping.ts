/** The head of an engine's answer to a ping. */
export interface PingAnswer {
  readonly status: number;
  /** From the header `Server: Docker/26.1.5 (linux)`, without the `v`; missing where another program answers. */
  readonly engineVersion: string | undefined;
  /** The newest version of the API it speaks, such as `1.45`; from 1.13 on engines say it. */
  readonly apiVersion: string | undefined;
  readonly date: Date | undefined;
}

/** The bytes that ask an engine whether it is there (Docker Engine API, `GET /_ping`, any version). */
export function formatPing(host: string): string {
  return `GET /_ping HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nAccept: */*\r\n\r\n`;
}

/** The answer in the bytes received so far; `incomplete` before the end of the head, `invalid` when it is not HTTP. */
export function parsePing(received: string): PingAnswer | 'incomplete' | 'invalid' {
  const [statusLine = '', ...lines] = received.split('\r\n');
  if (!'HTTP/1.'.startsWith(received.slice(0, 7))) return 'invalid';
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return received.length > 65_536 ? 'invalid' : 'incomplete';
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(statusLine)?.[1];
  if (status === undefined) return 'invalid';
  const header = (name: string): string | undefined =>
    lines
      .find((line) => line.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim();
  const date = new Date(header('date') ?? '');
  return {
    status: Number(status),
    engineVersion: /^Docker\/(\S+)/.exec(header('server') ?? '')?.[1],
    apiVersion: header('api-version'),
    date: Number.isNaN(date.getTime()) ? undefined : date,
  };
}
