import { basename } from 'node:path';
import type { Assessment, CertificateProblem } from '../certs/assess.ts';
import { daysLeft } from '../certs/inspect.ts';
import { checkTls } from '../engine/tls-check.ts';
import { isCertificateFailure } from '../engine/tls-outcome.ts';
import { messageOf, TmachineError } from '../errors/tmachine-error.ts';
import { readTextIfExists } from '../host/files.ts';
import { authorityPathsOf } from './authority.ts';
import type { MachineContext } from './context.ts';
import { forEachMachine, throwFailures } from './each.ts';
import { engineTarget } from './engine.ts';
import { endpointOf } from './engine-url.ts';
import { type Machine, openMachine } from './machine.ts';

/** One certificate of the store. */
export interface CertificateStatus {
  readonly kind: 'authority' | 'old authority' | 'client' | 'server';
  /** The machine whose engine shows it. */
  readonly machine?: string | undefined;
  readonly file: string;
  readonly subject: string;
  /** Addresses and DNS names it is valid for. */
  readonly names: readonly string[];
  /** RFC 3339; empty where it cannot be read. */
  readonly notBefore: string;
  readonly notAfter: string;
  /** Whole days; negative when it has expired, `null` where it cannot be read. */
  readonly daysLeft: number | null;
  readonly problems: readonly CertificateProblem[];
}

/** Every certificate of the store, or those of some machines beside the shared ones. Asks engines that run, and changes nothing. */
export async function certificateStatus(
  names: readonly string[],
  context: MachineContext,
): Promise<readonly CertificateStatus[]> {
  const shared = await sharedStatus(context);
  const servers = await forEachMachine(names, (name) => serverStatus(name, context));
  throwFailures(servers);
  return [...shared, ...servers.flatMap((outcome) => ('value' in outcome ? [outcome.value] : []))];
}

async function sharedStatus(context: MachineContext): Promise<readonly CertificateStatus[]> {
  const [{ assessPair }, { readAll }, { readRotation }] = await loadCerts();
  const { ca, client, folder } = authorityPathsOf(context);
  const [caPem, caKey, cert, key] = await Promise.all([ca.cert, ca.key, client.cert, client.key].map(readTextIfExists));
  const rotation = await readRotation(folder);
  if ([caPem, caKey, cert, key].every((text) => text === undefined)) return [];
  const now = new Date();
  const [caModes, clientModes] = await Promise.all([modesOf([ca.key], context), modesOf([client.key], context)]);
  const authority = assessPair({ certPem: caPem, keyPem: caKey, cert: basename(ca.cert), key: basename(ca.key) }, now);
  const pair = { certPem: cert, keyPem: key, cert: basename(client.cert), key: basename(client.key), caPem };
  const own = assessPair(pair, now);
  const { factsOf } = await import('../certs/inspect.ts');
  const others = rotation === undefined ? [] : readAll(caPem).slice(1);
  return [
    toStatus({ kind: 'authority', file: ca.cert }, { ...authority, problems: [...authority.problems, ...caModes] }),
    ...others.map((other) =>
      toStatus({ kind: 'old authority', file: ca.cert }, { facts: factsOf(other), problems: [] }),
    ),
    toStatus({ kind: 'client', file: client.cert }, { ...own, problems: [...own.problems, ...clientModes] }),
  ];
}

async function serverStatus(name: string, context: MachineContext): Promise<CertificateStatus> {
  const files = context.store.layout.machine(name);
  const [{ assessServer }, { readMachineTexts, staleCopies }, { readRotation }] = await loadCerts();
  const record = await context.store.load(name).catch(() => undefined);
  const { ca, client, folder } = authorityPathsOf(context, record);
  const own = await readMachineTexts(files.directory);
  const shared = await Promise.all([ca.cert, client.cert, client.key].map(readTextIfExists));
  const [caPem = '', certPem = '', keyPem = ''] = shared;
  const isRotating = !ca.isCustom && (await readRotation(folder)) !== undefined;
  const { address, problems: live } = await lookAtEngine(name, context);
  const { facts, problems } = assessServer(own, { caPem, isRotating, now: new Date(), address });
  const stale = staleCopies({ ca: { certPem: caPem }, client: { certPem, keyPem } }, own);
  const all = [
    ...problems,
    ...stale.map(({ file }) => ({ code: 'stale-copy', text: `its copy of ${file} is not the one in use` }) as const),
    ...(await modesOf([files.serverKey, files.clientKey], context)),
    ...live,
  ];
  return toStatus({ kind: 'server', machine: name, file: files.serverCert }, { facts, problems: all });
}

interface EngineLook {
  /** Where the engine is, or was last known to be. */
  readonly address: string | undefined;
  readonly problems: readonly CertificateProblem[];
}

/** What the engine itself shows may differ from what the folder says. A machine that cannot be opened has its files judged only. */
async function lookAtEngine(name: string, context: MachineContext): Promise<EngineLook> {
  try {
    await using machine = await openMachine(name, context);
    const isRunning = (await machine.driver.state()) === 'Running';
    const url = isRunning ? await machine.driver.dockerUrl() : undefined;
    if (url === undefined || url === '') return { address: addressIn(machine.record.data), problems: [] };
    return { address: endpointOf(url).host, problems: await engineProblems(machine, url, context) };
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof TmachineError)) throw error;
    if (error.code === 'DRIVER_NOT_FOUND')
      return { address: addressIn((await context.store.load(name)).data), problems: [] };
    return { address: undefined, problems: [{ code: 'machine', text: error.message }] };
  }
}

async function loadCerts() {
  return await Promise.all([
    import('../certs/assess.ts'),
    import('../certs/copies.ts'),
    import('../certs/rotation.ts'),
  ]);
}

async function modesOf(keys: readonly string[], { platform }: MachineContext): Promise<readonly CertificateProblem[]> {
  const { looseMode } = await import('../certs/key-modes.ts');
  const found = await Promise.all(keys.map(async (key) => ({ key, mode: await looseMode(key, platform) })));
  return found.flatMap(({ key, mode }) =>
    mode === undefined
      ? []
      : [{ code: 'loose-mode', text: `${basename(key)} is open to others (mode ${mode})` } as const],
  );
}

async function engineProblems(
  machine: Machine,
  url: string,
  context: MachineContext,
): Promise<readonly CertificateProblem[]> {
  try {
    const options = { timeoutMs: 5000, now: new Date(), signal: context.signal };
    const check = await checkTls(engineTarget(machine, url), options);
    if (check.outcome !== 'clock-skew' && !isCertificateFailure(check)) return [];
    const hint = 'hint' in check && check.hint !== undefined ? ` (${check.hint})` : '';
    return [{ code: 'engine', text: `${'message' in check ? check.message : ''}${hint}` }];
  } catch (error) {
    context.signal.throwIfAborted();
    return [{ code: 'engine', text: messageOf(error) }];
  }
}

/** docker-machine's drivers keep the last known address under this key. */
function addressIn(data: Readonly<Record<string, unknown>>): string | undefined {
  const address = data['IPAddress'];
  return typeof address === 'string' && address !== '' ? address : undefined;
}

function toStatus(
  certificate: Pick<CertificateStatus, 'kind' | 'machine' | 'file'>,
  { facts, problems }: Assessment,
): CertificateStatus {
  return {
    ...certificate,
    subject: facts?.organization ?? '',
    names: [...(facts?.addresses ?? []), ...(facts?.dnsNames ?? [])],
    notBefore: facts === undefined ? '' : formatTime(facts.notBefore),
    notAfter: facts === undefined ? '' : formatTime(facts.notAfter),
    daysLeft: facts === undefined ? null : daysLeft(facts, new Date()),
    problems,
  };
}

/** RFC 3339 in whole seconds, as certificates tell time. */
function formatTime(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
