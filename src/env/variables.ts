import type { Shell } from './shells.ts';

/** One variable for the user's shell; without a value it is to be unset. */
export interface Assignment {
  readonly name: string;
  readonly value: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What the variables of one machine depend on. */
export interface VariablesRequest {
  readonly machine: string;
  /** Such as `tcp://192.168.99.100:2376`. */
  readonly url: string;
  /** The machine's folder, which holds `ca.pem`, `cert.pem` and `key.pem`. */
  readonly certPath: string;
  readonly platform: NodeJS.Platform;
  readonly shell: Shell;
  /** The environment now, when the machine's address shall be kept from the proxy. */
  readonly noProxyIn?: Environment | undefined;
  /** The API version to hold the Docker CLI to, where it cannot speak with the engine otherwise. */
  readonly apiVersion?: string | undefined;
  /** The environment now: what an earlier `env` set in it may have to go. */
  readonly env: Environment;
}

/** The variables that point the Docker CLI at a machine, in docker-machine's order. */
export function planVariables(request: VariablesRequest): readonly Assignment[] {
  const { noProxyIn, platform, url, apiVersion, env } = request;
  return [
    { name: 'DOCKER_TLS_VERIFY', value: '1' },
    { name: 'DOCKER_HOST', value: url },
    { name: 'DOCKER_CERT_PATH', value: planCertPath(request) },
    { name: 'DOCKER_MACHINE_NAME', value: request.machine },
    ...(apiVersion === undefined ? leftApiVersion(env) : [{ name: apiVersionName, value: apiVersion }]),
    ...(platform === 'win32' ? [{ name: 'COMPOSE_CONVERT_WINDOWS_PATHS', value: 'true' }] : []),
    ...(noProxyIn === undefined
      ? []
      : noProxyVariables(noProxyIn, platform).map((variable) => ({
          name: variable.name,
          value: addToken(variable.value, addressOf(url)),
        }))),
  ];
}

/** What `env -u` depends on. */
export interface UnsetRequest {
  readonly platform: NodeJS.Platform;
  /** The environment now, when the address of DOCKER_HOST shall be taken out of the proxy exceptions too. */
  readonly noProxyIn?: Environment | undefined;
  /** The environment now. */
  readonly env: Environment;
}

/** Takes back what `planVariables` set; the list of proxy exceptions keeps its other entries. */
export function planUnset(request: UnsetRequest): readonly Assignment[] {
  const { noProxyIn, platform } = request;
  const names = ['DOCKER_TLS_VERIFY', 'DOCKER_HOST', 'DOCKER_CERT_PATH', 'DOCKER_MACHINE_NAME'];
  if (platform === 'win32') names.push('COMPOSE_CONVERT_WINDOWS_PATHS');
  const unset = [...names.map((name) => ({ name, value: undefined })), ...leftApiVersion(request.env)];
  if (noProxyIn === undefined) return unset;
  const address = addressOf(noProxyIn['DOCKER_HOST'] ?? '');
  const lists = noProxyVariables(noProxyIn, platform).filter((variable) => variable.value !== undefined);
  return [...unset, ...lists.map(({ name, value }) => ({ name, value: removeToken(value ?? '', address) }))];
}

const apiVersionName = 'DOCKER_API_VERSION';

/** One beside the name of a machine was set for that machine; another machine's engine may be newer, and refuse it. */
function leftApiVersion(env: Environment): readonly Assignment[] {
  return env[apiVersionName] && env['DOCKER_MACHINE_NAME'] ? [{ name: apiVersionName, value: undefined }] : [];
}

/** Shells made for POSIX paths on Windows (Git Bash, MSYS2) misread backslashes further on; Docker takes both. */
function planCertPath({ certPath, platform, shell }: VariablesRequest): string {
  const isPosixOnWindows = platform === 'win32' && ['posix', 'fish', 'tcsh'].includes(shell);
  return isPosixOnWindows ? certPath.replaceAll('\\', '/') : certPath;
}

/** The variables in use: both spellings when both are set, else the one that is, else the upper-case one. */
function noProxyVariables(env: Environment, platform: NodeJS.Platform): readonly Assignment[] {
  const isSame = (a: string, b: string): boolean =>
    platform === 'win32' ? a.toLowerCase() === b.toLowerCase() : a === b;
  const lookUp = (name: string): Assignment | undefined => {
    const found = Object.keys(env).find((key) => isSame(key, name));
    return found === undefined || env[found] === undefined || env[found] === ''
      ? undefined
      : { name: found, value: env[found] };
  };
  const used = [lookUp('no_proxy'), lookUp('NO_PROXY')].filter((variable) => variable !== undefined);
  const distinct = used.filter((variable, index) => used.findIndex(({ name }) => name === variable.name) === index);
  return distinct.length > 0 ? distinct : [{ name: 'NO_PROXY', value: undefined }];
}

function addToken(list: string | undefined, token: string): string {
  const tokens = tokensOf(list ?? '');
  return tokens.includes(token) ? (list ?? '') : [...tokens, token].join(',');
}

function removeToken(list: string, token: string): string | undefined {
  const rest = tokensOf(list).filter((other) => other !== token);
  return rest.length === 0 ? undefined : rest.join(',');
}

function tokensOf(list: string): readonly string[] {
  return list
    .split(',')
    .map((token) => token.trim())
    .filter((token) => token !== '');
}

/** The host of a URL such as `tcp://192.168.99.100:2376`, without brackets. */
function addressOf(url: string): string {
  const [, bracketed, plain] = /^\w+:\/\/(?:\[([^\]]*)\]|([^:/]*))/.exec(url) ?? [];
  return bracketed ?? plain ?? '';
}
