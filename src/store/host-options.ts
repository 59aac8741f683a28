import type { CertificateFiles, MachineFiles } from './layout.ts';

/** Options of a machine that no driver owns, with docker-machine's own key names and order. */
export type HostOptions = {
  readonly Driver: string;
  readonly Memory: number;
  readonly Disk: number;
  readonly EngineOptions: EngineOptions;
  readonly SwarmOptions: SwarmOptions;
  readonly AuthOptions: AuthOptions;
};

/** How the Docker Engine of a machine is set up. */
export type EngineOptions = {
  readonly ArbitraryFlags: readonly string[];
  readonly Dns: readonly string[];
  readonly GraphDir: string;
  readonly Env: readonly string[];
  readonly Ipv6: boolean;
  readonly InsecureRegistry: readonly string[];
  readonly Labels: readonly string[];
  readonly LogLevel: string;
  readonly StorageDriver: string;
  readonly SelinuxEnabled: boolean;
  readonly TlsVerify: boolean;
  readonly RegistryMirror: readonly string[];
  readonly InstallURL: string;
};

/** Settings of the classic Swarm, which docker-machine can make a machine part of. */
export type SwarmOptions = {
  readonly IsSwarm: boolean;
  readonly Address: string;
  readonly Discovery: string;
  readonly Agent: boolean;
  readonly Master: boolean;
  readonly Host: string;
  readonly Image: string;
  readonly Strategy: string;
  readonly Heartbeat: number;
  readonly Overcommit: number;
  readonly ArbitraryFlags: readonly string[];
  readonly ArbitraryJoinFlags: readonly string[];
  readonly Env: readonly string[];
  readonly IsExperimental: boolean;
};

/** Where a machine's certificates and keys are. */
type AuthOptions = {
  readonly CertDir: string;
  readonly CaCertPath: string;
  readonly CaPrivateKeyPath: string;
  readonly CaCertRemotePath: string;
  readonly ServerCertPath: string;
  readonly ServerKeyPath: string;
  readonly ClientKeyPath: string;
  readonly ServerCertRemotePath: string;
  readonly ServerKeyRemotePath: string;
  readonly ClientCertPath: string;
  readonly ServerCertSANs: readonly string[];
  readonly StorePath: string;
};

/** What a file that lacks a part of its options means. */
export function missingHostOptions(): HostOptions {
  return { ...bareHostOptions, AuthOptions: noPaths };
}

/** What a new machine gets where `create` says nothing else. */
export function defaultHostOptions(certs: CertificateFiles, machine: MachineFiles): HostOptions {
  return {
    ...bareHostOptions,
    AuthOptions: {
      ...noPaths,
      CertDir: certs.directory,
      CaCertPath: certs.caCert,
      CaPrivateKeyPath: certs.caKey,
      ServerCertPath: machine.serverCert,
      ServerKeyPath: machine.serverKey,
      ClientKeyPath: certs.clientKey,
      ClientCertPath: certs.clientCert,
      StorePath: machine.directory,
    },
  };
}

const defaultEngineOptions: EngineOptions = {
  ArbitraryFlags: [],
  Dns: [],
  GraphDir: '',
  Env: [],
  Ipv6: false,
  InsecureRegistry: [],
  Labels: [],
  LogLevel: '',
  StorageDriver: '',
  SelinuxEnabled: false,
  TlsVerify: true,
  RegistryMirror: [],
  InstallURL: 'https://get.docker.com',
};

const defaultSwarmOptions: SwarmOptions = {
  IsSwarm: false,
  Address: '',
  Discovery: '',
  Agent: false,
  Master: false,
  Host: 'tcp://0.0.0.0:3376',
  Image: 'swarm:latest',
  Strategy: 'spread',
  Heartbeat: 0,
  Overcommit: 0,
  ArbitraryFlags: [],
  ArbitraryJoinFlags: [],
  Env: [],
  IsExperimental: false,
};

const bareHostOptions = {
  Driver: '',
  Memory: 0,
  Disk: 0,
  EngineOptions: defaultEngineOptions,
  SwarmOptions: defaultSwarmOptions,
} as const;

const noPaths: AuthOptions = {
  CertDir: '',
  CaCertPath: '',
  CaPrivateKeyPath: '',
  CaCertRemotePath: '',
  ServerCertPath: '',
  ServerKeyPath: '',
  ClientKeyPath: '',
  ServerCertRemotePath: '',
  ServerKeyRemotePath: '',
  ClientCertPath: '',
  ServerCertSANs: [],
  StorePath: '',
};
