import { daysLeft, inspectCertificate } from '../certs/inspect.ts';
import { TmachineError } from '../errors/tmachine-error.ts';
import { readTextIfExists } from '../host/files.ts';
import type { MachineFiles } from '../store/layout.ts';

/** When a certificate is valid; the key names are those that `inspect` shows. Times are RFC 3339, days are whole. */
export type CertificateDates = {
  readonly NotBefore: string;
  readonly NotAfter: string;
  readonly DaysLeft: number;
};

/** The dates of a machine's certificates, its copies of the shared ones included; what cannot be read is missing. */
export type MachineDates = {
  readonly Authority?: CertificateDates;
  readonly Client?: CertificateDates;
  readonly Server?: CertificateDates;
};

/** Reads all three, or nothing where a machine has none of them. */
export async function readMachineDates(files: MachineFiles): Promise<MachineDates | undefined> {
  const parts = { Authority: files.caCert, Client: files.clientCert, Server: files.serverCert };
  const entries = Object.entries(parts).map(async ([part, file]) => [part, await readDates(file)] as const);
  const known = (await Promise.all(entries)).filter(([, dates]) => dates !== undefined);
  return known.length === 0 ? undefined : Object.fromEntries(known);
}

/** The dates of the first certificate in a file; nothing where it is missing or damaged. */
export async function readDates(file: string): Promise<CertificateDates | undefined> {
  const pem = await readTextIfExists(file);
  if (pem === undefined) return undefined;
  try {
    const facts = inspectCertificate(pem, file);
    const time = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;
    const { notBefore, notAfter } = facts;
    return { NotBefore: time(notBefore), NotAfter: time(notAfter), DaysLeft: daysLeft(facts, new Date()) };
  } catch (error) {
    if (error instanceof TmachineError) return undefined;
    throw error;
  }
}
