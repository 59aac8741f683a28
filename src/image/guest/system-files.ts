import type { TreeEntry } from '../tree.ts';
import { formatAccountFiles } from './accounts.ts';
import type { Tree } from './merge-packages.ts';

/** Versions that the guest shows. */
export interface GuestVersions {
  readonly engine: string;
  readonly kernel: string;
}

/** What maintainer scripts would have written: accounts, certificates, os-release, folders. */
export function planSystemFiles(tree: Tree, versions: GuestVersions): readonly TreeEntry[] {
  const { shadow, gshadow, ...open } = formatAccountFiles();
  return [
    ...folders,
    ...Object.entries(open).map(([name, text]) => file(`etc/${name}`, text)),
    ...Object.entries({ shadow, gshadow }).map(([name, text]) => file(`etc/${name}`, text, 0o640)),
    file('etc/os-release', formatOsRelease(versions)),
    file('etc/ssl/certs/ca-certificates.crt', concatenateCertificates(tree)),
    file('etc/resolv.conf', ''),
    link('usr/lib/ssl/cert.pem', '/etc/ssl/certs/ca-certificates.crt'),
    link('etc/mtab', '../proc/self/mounts'),
    ...Object.entries(alternatives).map(([path, target]) => link(path, target)),
  ];
}

const folders: readonly TreeEntry[] = [
  ...['dev', 'proc', 'sys', 'run', 'mnt', 'usr/local/bin', 'usr/local/sbin', 'etc/docker'].map((path) => folder(path)),
  ...['var/lib/docker', 'var/lib/boot2docker', 'var/log', 'var/cache', 'var/spool'].map((path) => folder(path)),
  folder('root', 0o700),
  folder('tmp', 0o1777),
  folder('var/tmp', 0o1777),
  { ...folder('home/docker'), uid: 1000, gid: 50 },
  link('var/run', '/run'),
  link('var/lock', '/run/lock'),
  // boot2docker's place of the engine's log
  link('var/log/docker.log', '/var/lib/boot2docker/log/docker.log'),
  link('bin', 'usr/bin'),
  link('sbin', 'usr/sbin'),
  link('lib', 'usr/lib'),
  link('lib64', 'usr/lib64'),
];

/** Links update-alternatives would have made. nft is Debian's default back end. */
const alternatives: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['iptables', 'iptables-save', 'iptables-restore', 'ip6tables', 'ip6tables-save', 'ip6tables-restore'].map(
      (name) => [`usr/sbin/${name}`, 'xtables-nft-multi'],
    ),
  ),
  'usr/sbin/arptables': 'xtables-nft-multi',
  'usr/sbin/ebtables': 'xtables-nft-multi',
};

function formatOsRelease({ engine, kernel }: GuestVersions): string {
  // docker-machine chooses its provisioner by ID and shows PRETTY_NAME.
  return [
    'NAME=Boot2Docker',
    `VERSION=${engine}`,
    'ID=boot2docker',
    'ID_LIKE=debian',
    `VERSION_ID=${engine}`,
    `PRETTY_NAME="Boot2Docker ${engine} (tmachine, Linux ${kernel})"`,
    '',
  ].join('\n');
}

function concatenateCertificates(tree: Tree): string {
  return [...tree.values()]
    .filter((entry) => entry.type === 'file' && /^usr\/share\/ca-certificates\/.*\.crt$/.test(entry.path))
    .map((entry) => ('content' in entry ? `${Buffer.from(entry.content).toString('latin1').trimEnd()}\n` : ''))
    .sort()
    .join('');
}

function folder(path: string, mode = 0o755): TreeEntry {
  return { type: 'directory', path, mode, uid: 0, gid: 0 };
}

function file(path: string, text: string, mode = 0o644): TreeEntry {
  return { type: 'file', path, mode, uid: 0, gid: 0, content: Buffer.from(text) };
}

function link(path: string, target: string): TreeEntry {
  return { type: 'symlink', path, mode: 0o777, uid: 0, gid: 0, target };
}
