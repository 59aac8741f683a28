import type { Command } from '../command.ts';

/** A command as help lists it; its module is loaded only when it is used. */
export interface CommandEntry {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  load(): Promise<{ readonly command: Command }>;
}

/** Every command, in the order of help. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'active',
    summary: 'Say which machine the Docker CLI talks to',
    load: async () => await import('./active.ts'),
  },
  { name: 'certs', summary: 'Show, renew and replace certificates', load: async () => await import('./certs.ts') },
  {
    name: 'completion',
    summary: "Print what completes tmachine's words in a shell",
    load: async () => await import('./completion.ts'),
  },
  {
    name: 'config',
    summary: 'Print the Docker CLI options that reach a machine',
    load: async () => await import('./config.ts'),
  },
  { name: 'create', summary: 'Make a machine', load: async () => await import('./create.ts') },
  {
    name: 'env',
    summary: 'Print the commands that point the Docker CLI at a machine',
    load: async () => await import('./env.ts'),
  },
  {
    name: 'help',
    aliases: ['h'],
    summary: 'Explain a command, or all of them',
    load: async () => await import('./help.ts'),
  },
  { name: 'image', summary: 'Build, list, check and delete boot images', load: async () => await import('./image.ts') },
  {
    name: 'inspect',
    summary: 'Show all that is stored about a machine',
    load: async () => await import('./inspect.ts'),
  },
  { name: 'ip', summary: 'Print the addresses of machines', load: async () => await import('./ip.ts') },
  { name: 'kill', summary: 'Switch machines off without asking them', load: async () => await import('./kill.ts') },
  { name: 'ls', summary: 'List machines', load: async () => await import('./ls.ts') },
  {
    name: 'mount',
    summary: "Show a machine's folder in this computer",
    load: async () => await import('./mount.ts'),
  },
  { name: 'provision', summary: 'Set machines up again', load: async () => await import('./provision.ts') },
  {
    name: 'quickstart',
    summary: 'Go from nothing to a first container',
    load: async () => await import('./quickstart.ts'),
  },
  {
    name: 'regenerate-certs',
    summary: 'Make new TLS certificates for machines',
    load: async () => await import('./regenerate-certs.ts'),
  },
  { name: 'restart', summary: 'Restart machines', load: async () => await import('./restart.ts') },
  { name: 'rm', summary: 'Delete machines', load: async () => await import('./rm.ts') },
  {
    name: 'scp',
    summary: 'Copy files to, from and between machines',
    load: async () => await import('./scp.ts'),
  },
  { name: 'ssh', summary: 'Open a shell or run a command in a machine', load: async () => await import('./ssh.ts') },
  { name: 'start', summary: 'Start machines', load: async () => await import('./start.ts') },
  { name: 'status', summary: 'Print the state of a machine', load: async () => await import('./status.ts') },
  { name: 'stop', summary: 'Shut machines down', load: async () => await import('./stop.ts') },
  { name: 'upgrade', summary: 'Upgrade the Docker Engine of machines', load: async () => await import('./upgrade.ts') },
  { name: 'url', summary: 'Print the address of a Docker Engine', load: async () => await import('./url.ts') },
  {
    name: 'use',
    summary: "Make a machine the Docker CLI's current context",
    load: async () => await import('./use.ts'),
  },
  {
    name: 'version',
    summary: 'Print the version of tmachine, or of the engine in a machine',
    load: async () => await import('./version.ts'),
  },
];
