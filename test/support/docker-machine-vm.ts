import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pack } from 'tar-stream';
import { linkOrCopy } from '../../src/host/link-or-copy.ts';
import { findFreePort } from '../../src/host/network.ts';
import type { VirtualBoxStore } from './virtualbox-store.ts';

const execute = promisify(execFile);
const hardware: readonly string[] = (
  '--firmware bios --bioslogofadein off --bioslogofadeout off --bioslogodisplaytime 0 --biosbootmenu disabled ' +
  '--ostype Linux26_64 --cpus 1 --memory 1024 --acpi on --ioapic on --rtcuseutc on --natdnshostresolver1 off ' +
  '--natdnsproxy1 on --cpuhotplug off --pae on --hpet on --hwvirtex on --nestedpaging on --largepages on --vtxvpid on ' +
  '--accelerate3d off --boot1 dvd'
).split(' ');
const diskBytes = 20_000 * 1024 * 1024;

type Place = Pick<VirtualBoxStore, 'store' | 'place'>;

/**
 * A machine as docker-machine 0.16 leaves it: a VM made and started by the calls of its virtualbox driver, with the seed
 * that boot2docker reads and no more, and its `config.json`. The engine is not set up.
 */
export async function makeDockerMachineVm({ store, place }: Place, name: string): Promise<void> {
  const vbox = place.vboxManage;
  const folder = join(store.path, 'machines', name);
  const at = (file: string): string => join(folder, file);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await execute('ssh-keygen', ['-q', '-t', 'rsa', '-m', 'PEM', '-N', '', '-f', at('id_rsa')]);
  await linkOrCopy(store.image.path, at('boot2docker.iso'));
  await makeDisk({ store, place }, name);
  await vbox('createvm', '--basefolder', folder, '--name', name, '--register');
  await vbox('modifyvm', name, ...hardware);
  await vbox('modifyvm', name, '--nic1', 'nat', '--nictype1', '82540EM', '--cableconnected1', 'on');
  await vbox('storagectl', name, '--name', 'SATA', '--add', 'sata', '--hostiocache', 'on');
  const attach = ['storageattach', name, '--storagectl', 'SATA', '--device', '0', '--port'];
  await vbox(...attach, '0', '--type', 'dvddrive', '--medium', at('boot2docker.iso'));
  await vbox(...attach, '1', '--type', 'hdd', '--medium', at('disk.vmdk'));
  for (const key of ['MountPrefix', 'MountDir'])
    await vbox('guestproperty', 'set', name, `/VirtualBox/GuestAdd/SharedFolders/${key}`, '/');
  const network = freeNetwork();
  const adapter = await makeNetwork(vbox, network);
  const second = ['--nic2', 'hostonly', '--nictype2', '82540EM', '--nicpromisc2', 'deny', '--cableconnected2', 'on'];
  await vbox('modifyvm', name, ...second, '--hostonlyadapter2', adapter);
  const port = await findFreePort('127.0.0.1');
  await vbox('modifyvm', name, '--natpf1', `ssh,tcp,127.0.0.1,${port},,22`);
  await vbox('startvm', name, '--type', 'headless');
  const IPAddress = await askGuest(port, at('id_rsa'));
  const record = configJson({ name, root: store.path, port, IPAddress, HostOnlyCIDR: `${network}.1/24` });
  await writeFile(at('config.json'), JSON.stringify(record, null, 4), { mode: 0o600 });
}

/** The blank disk begins with a tar archive of the marker and the user's key. */
async function makeDisk({ store, place }: Place, name: string): Promise<void> {
  const at = (file: string): string => join(store.path, 'machines', name, file);
  const marker = 'boot2docker, please format-me';
  const key = await readFile(at('id_rsa.pub'), 'utf8');
  const archive = pack();
  archive.entry({ name: marker }, marker);
  archive.entry({ name: '.ssh', type: 'directory', mode: 0o700 });
  for (const file of ['authorized_keys', 'authorized_keys2']) archive.entry({ name: `.ssh/${file}`, mode: 0o600 }, key);
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  await writeFile(at('seed.tar'), Buffer.concat(chunks));
  const words = `exec VBoxManage convertfromraw stdin "$0" ${diskBytes} --format VMDK <"$1"`;
  await execute('sh', ['-c', words, at('disk.vmdk'), at('seed.tar')], { env: { ...process.env, ...place.env } });
}

/** The first three numbers of a network that VirtualBox allows by default and this computer does not have. */
function freeNetwork(): string {
  const used = Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).map(({ address }) => address),
  );
  const free = [63, 62, 61, 60, 58, 57].map((third) => `192.168.${third}`);
  const found = free.find((network) => !used.some((address) => address.startsWith(`${network}.`)));
  if (found === undefined) throw new Error('No host-only network is free');
  return found;
}

async function makeNetwork(vbox: VirtualBoxStore['place']['vboxManage'], network: string): Promise<string> {
  const made = await vbox('hostonlyif', 'create');
  const [, name = ''] = /Interface '(.+)' was successfully created/.exec(made) ?? [];
  const mask = ['--netmask', '255.255.255.0'];
  await vbox('hostonlyif', 'ipconfig', name, '--ip', `${network}.1`, ...mask);
  const server = ['--netname', `HostInterfaceNetworking-${name}`, '--ip', `${network}.6`, ...mask];
  const range = [...server, '--lowerip', `${network}.100`, '--upperip', `${network}.254`, '--enable'];
  await vbox('dhcpserver', 'add', ...range).catch(() => vbox('dhcpserver', 'modify', ...range));
  return name;
}

/** The guest's address on its second card, asked for over SSH as docker-machine does. */
async function askGuest(port: number, key: string): Promise<string> {
  const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'BatchMode=yes', 'ConnectTimeout=5'];
  const words = [...options.flatMap((option) => ['-o', option]), '-i', key, '-p', String(port), 'docker@127.0.0.1'];
  for (let attempt = 0; attempt < 90; attempt += 1) {
    const answer = await execute('ssh', [...words, 'ip -4 addr show dev eth1'], { timeout: 20_000 }).catch(
      () => undefined,
    );
    const [, address] = /inet ([\d.]+)\//.exec(answer?.stdout ?? '') ?? [];
    if (address !== undefined) return address;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  throw new Error('The guest did not tell its address over SSH');
}

interface Recorded {
  readonly name: string;
  readonly root: string;
  readonly port: number;
  readonly IPAddress: string;
  readonly HostOnlyCIDR: string;
}

function configJson({ name, root, port, IPAddress, HostOnlyCIDR }: Recorded): object {
  const [certs, machine] = [join(root, 'certs'), join(root, 'machines', name)];
  const base = { IPAddress, MachineName: name, SSHUser: 'docker', SSHPort: port, SSHKeyPath: join(machine, 'id_rsa') };
  const swarm = { SwarmMaster: false, SwarmHost: '', SwarmDiscovery: '' };
  const network = { HostOnlyCIDR, HostOnlyNicType: '82540EM', HostOnlyPromiscMode: 'deny' };
  const vm = {
    CPU: 1,
    Memory: 1024,
    DiskSize: 20000,
    NatNicType: '82540EM',
    Boot2DockerURL: '',
    Boot2DockerImportVM: '',
  };
  const choices = { HostDNSResolver: false, ...network, UIType: 'headless', HostOnlyNoDHCP: false, NoShare: true };
  const rest = { ...choices, DNSProxy: true, NoVTXCheck: true, ShareFolder: '' };
  const driver = { ...base, StorePath: root, ...swarm, VBoxManager: {}, HostInterfaces: {}, ...vm, ...rest };
  return {
    ConfigVersion: 3,
    Driver: driver,
    DriverName: 'virtualbox',
    HostOptions: {
      ...{ Driver: '', Memory: 0, Disk: 0 },
      EngineOptions: {
        ...{ ArbitraryFlags: [], Dns: null, GraphDir: '', Env: [], Ipv6: false, InsecureRegistry: [], Labels: [] },
        ...{ LogLevel: '', StorageDriver: '', SelinuxEnabled: false, TlsVerify: true, RegistryMirror: [] },
        InstallURL: 'https://get.docker.com',
      },
      SwarmOptions: {
        ...{ IsSwarm: false, Address: '', Discovery: '', Agent: false, Master: false, Host: 'tcp://0.0.0.0:3376' },
        ...{ Image: 'swarm:latest', Strategy: 'spread', Heartbeat: 0, Overcommit: 0, ArbitraryFlags: [] },
        ...{ ArbitraryJoinFlags: [], Env: null, IsExperimental: false },
      },
      AuthOptions: {
        ...{ CertDir: certs, CaCertPath: join(certs, 'ca.pem'), CaPrivateKeyPath: join(certs, 'ca-key.pem') },
        ...{ CaCertRemotePath: '', ServerCertPath: join(machine, 'server.pem') },
        ...{ ServerKeyPath: join(machine, 'server-key.pem'), ClientKeyPath: join(certs, 'key.pem') },
        ...{ ServerCertRemotePath: '', ServerKeyRemotePath: '', ClientCertPath: join(certs, 'cert.pem') },
        ...{ ServerCertSANs: [], StorePath: machine },
      },
    },
    Name: name,
  };
}
