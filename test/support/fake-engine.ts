import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** What an engine shows its callers, and whom it lets in; all PEM. */
export interface EngineCertificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** How an engine differs from a good one. */
export interface EngineQuirks {
  readonly port?: number;
  /** What it takes for the time. */
  readonly clock?: Date;
  /** The newest version of the API; 1.45 where nothing is said. */
  readonly apiVersion?: string;
  /** The oldest one, 1.24 where nothing is said. */
  readonly minApiVersion?: string;
  /** Never answers a request. */
  readonly silent?: boolean;
}

/** An engine that knows its version and nothing else. */
export interface FakeEngine extends AsyncDisposable {
  readonly port: number;
  /** How many requests were answered. */
  readonly requests: string[];
}

/** Serves `/_ping` and `/version` behind mutual TLS at an address of this computer. */
export async function startFakeEngine(
  address: string,
  certificates: EngineCertificates,
  quirks: EngineQuirks = {},
): Promise<FakeEngine> {
  const requests: string[] = [];
  const { apiVersion = '1.45', minApiVersion = '1.24' } = quirks;
  const version = { Version: '26.1.5', ApiVersion: apiVersion, MinAPIVersion: minApiVersion };
  const server = createServer({ ...certificates, requestCert: true, rejectUnauthorized: true }, (request, response) => {
    requests.push(request.url ?? '');
    if (quirks.silent) return;
    const headers = { 'Api-Version': apiVersion, ...(quirks.clock && { Date: quirks.clock.toUTCString() }) };
    response.writeHead(200, headers);
    response.end(request.url === '/_ping' ? 'OK' : JSON.stringify(version));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(quirks.port ?? 0, address, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
