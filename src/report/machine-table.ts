import { formatTable } from './table.ts';

/** What a table shows of a machine, in the words of docker-machine's `ls`. */
export interface TableMachine {
  readonly name: string;
  readonly driverName: string;
  readonly state: string;
  readonly url: string;
  readonly active: boolean;
  readonly activeSwarm: boolean;
  readonly swarm: string;
  readonly dockerVersion: string;
  readonly error: string;
  readonly responseTimeMs: number;
  readonly engineOptions?: { readonly Labels: readonly string[] } | undefined;
  readonly swarmOptions?: object | undefined;
  readonly lastState?: string | undefined;
  /** When the engine's certificate expires; read for templates that ask for it. */
  readonly certificate?: { readonly NotAfter: string; readonly DaysLeft: number } | undefined;
}

/** A row as `ls -f` templates see it. */
export type TemplateRow = Readonly<Record<string, unknown>>;

/** The names a template may use, and the headings it gets for them. */
export const templateHeadings: Readonly<Record<string, string>> = {
  Name: 'NAME',
  Active: 'ACTIVE',
  ActiveHost: 'ACTIVE_HOST',
  ActiveSwarm: 'ACTIVE_SWARM',
  DriverName: 'DRIVER',
  State: 'STATE',
  URL: 'URL',
  SwarmOptions: 'SWARM_OPTIONS',
  Swarm: 'SWARM',
  EngineOptions: 'ENGINE_OPTIONS',
  Error: 'ERRORS',
  DockerVersion: 'DOCKER',
  ResponseTime: 'RESPONSE',
  CertificateExpires: 'CERTIFICATE EXPIRES',
  CertificateDaysLeft: 'DAYS LEFT',
};

const defaultColumns = ['Name', 'Active', 'DriverName', 'State', 'URL', 'Swarm', 'DockerVersion', 'Error'];

/** The table of `ls` without `-f`. */
export function formatMachines(machines: readonly TableMachine[]): string {
  const rows = machines.map(toTemplateRow);
  const cells = rows.map((row) => defaultColumns.map((column) => String(row[column] ?? '')));
  return formatTable([defaultColumns.map((column) => templateHeadings[column] ?? ''), ...cells]);
}

/** A machine under the names templates use. */
export function toTemplateRow(machine: TableMachine): TemplateRow {
  const answered = machine.state !== 'Timeout' && machine.state !== 'Error';
  return {
    Name: machine.name,
    Active: answered ? formatActive(machine) : '',
    ActiveHost: machine.active,
    ActiveSwarm: machine.activeSwarm,
    DriverName: machine.driverName,
    State: machine.state,
    URL: machine.url,
    SwarmOptions: machine.swarmOptions,
    Swarm: machine.swarm,
    EngineOptions: machine.engineOptions,
    Error: machine.error === 'Host is not running' ? '' : machine.error,
    DockerVersion: machine.dockerVersion,
    ResponseTime: machine.responseTimeMs * 1_000_000,
    CertificateExpires: machine.certificate?.NotAfter ?? '',
    CertificateDaysLeft: machine.certificate?.DaysLeft ?? '',
  };
}

function formatActive({ active, activeSwarm }: TableMachine): string {
  if (activeSwarm) return '* (swarm)';
  return active ? '*' : '-';
}
