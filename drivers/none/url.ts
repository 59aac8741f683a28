/** Where an engine listens, from a URL as the Docker CLI takes it; nothing when it is no address on a network. */
export function parseEngineUrl(text: string): { readonly host: string; readonly port: number } | undefined {
  if (!/^tcp:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  const { hostname, port } = new URL(text);
  if (hostname === '') return undefined;
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || standardPort) };
}

const standardPort = 2376;
