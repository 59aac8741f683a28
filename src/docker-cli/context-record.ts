/** The machine a context was made for. */
export interface ContextOwner {
  /** Absolute path of the store that has the machine. */
  readonly store: string;
  readonly machine: string;
}

/** What a context says, beside the certificates; `owner` is missing in those that tmachine has not made. */
export interface ContextRecord {
  /** Such as `tcp://192.168.99.100:2376`. */
  readonly host: string;
  readonly owner: ContextOwner | undefined;
}

/** Names that the Docker CLI takes for a context; `default` it keeps for itself. */
const allowedName = /^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$/;

/** The name of a machine's context: its own wherever the Docker CLI takes that. Nothing where no name will do. */
export function planContextName(machine: string): string | undefined {
  return [machine, `tmachine-${machine}`].find((name) => allowedName.test(name) && name !== 'default');
}

/** The text of a context's `meta.json` in the Docker CLI's context store, with its owner in the free part. */
export function formatContext(name: string, { host, owner }: ContextRecord): string {
  const description = owner === undefined ? {} : { Description: `Machine "${owner.machine}"`, tmachine: owner };
  const endpoint = { Host: host, SkipTLSVerify: false };
  return JSON.stringify({ Name: name, Metadata: description, Endpoints: { docker: endpoint } });
}

/** What a `meta.json` says; one that cannot be understood is none of ours. */
export function parseContext(text: string): ContextRecord {
  const document = objectOf(parseJson(text));
  const owner = objectOf(objectOf(document['Metadata'])['tmachine']);
  const host = objectOf(objectOf(document['Endpoints'])['docker'])['Host'];
  const { store, machine } = owner;
  const isOurs = typeof store === 'string' && typeof machine === 'string';
  return { host: typeof host === 'string' ? host : '', owner: isOurs ? { store, machine } : undefined };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
