import { createSecureContext, type SecureContext } from 'node:tls';

/** Our side of a TLS connection, all PEM. */
export interface ClientIdentity {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Gives the same secure context for the same files. */
export type ShareSecureContext = (identity: ClientIdentity) => SecureContext;

/** Reading keys takes OpenSSL milliseconds, and the machines of a store mostly have the same: each is read once. */
export function shareSecureContexts(): ShareSecureContext {
  const known = new Map<string, SecureContext>();
  return ({ ca, cert, key }) => {
    const text = [ca, cert, key].join('\0');
    const context = known.get(text) ?? createSecureContext({ ca, cert, key });
    known.set(text, context);
    return context;
  };
}
