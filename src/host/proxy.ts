import type { Environment } from './environment.ts';

/**
 * The proxy that `env` names for a URL, or nothing for a direct connection. Reads `http_proxy`, `https_proxy`,
 * `all_proxy` and `no_proxy`, in lower case first, as curl does; `HTTP_PROXY` too.
 */
export function findProxy(url: URL, env: Environment): URL | undefined {
  if (isExempt(url, read(env, 'no_proxy'))) return undefined;
  const scheme = url.protocol.slice(0, -1);
  const value = read(env, `${scheme}_proxy`) ?? read(env, 'all_proxy');
  if (value === undefined) return undefined;
  return new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`);
}

function read(env: Environment, name: string): string | undefined {
  return env[name] || env[name.toUpperCase()] || undefined;
}

/** Entries match the host itself and its subdomains, with a port only that port; `*` matches all. */
function isExempt(url: URL, list: string | undefined): boolean {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return (list ?? '')
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const [, name = '', onlyPort] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
      const suffix = name.replace(/^\*?\./, '');
      const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
      return (host === suffix || host.endsWith(`.${suffix}`)) && (onlyPort === undefined || onlyPort === port);
    });
}
