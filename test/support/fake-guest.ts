import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findFreePort } from '../../src/host/network.ts';
import { createHostKeyPair, createUserKeyFiles } from '../../src/ssh/keys.ts';
import { startGuestServer, type TestSshServer } from './guest-server.ts';
import type { MachineBench, TinyMachine } from './machine-bench.ts';

/**
 * The inside of a machine as folders and programs of this computer: a real SSH server, a real shell, and an engine behind
 * mutual TLS that is started and stopped as the guest's own.
 */
export class FakeGuest implements AsyncDisposable {
  readonly root: string;
  readonly port: number;
  readonly #server: TestSshServer;

  private constructor(root: string, port: number, server: TestSshServer) {
    this.root = root;
    this.port = port;
    this.#server = server;
  }

  /** Gives a machine an inside; its engine starts with the certificates in the machine's folder. */
  static async make(bench: MachineBench, machine: TinyMachine, clockOffsetSeconds = 0): Promise<FakeGuest> {
    const root = join(bench.temp.path, 'guests', machine.name);
    const port = await findFreePort(machine.address);
    await writePrograms(root, machine.address, port);
    await rm(join(machine.directory, 'id_rsa'), { force: true });
    const [user, host] = [await createUserKeyFiles(machine.directory, 'test'), await createHostKeyPair('host')];
    const path = `${join(root, 'bin')}:${process.env['PATH']}`;
    const options = { hostKey: host.privateKey, authorizedKey: user.publicKey, path, address: machine.address };
    const guest = new FakeGuest(root, port, await startGuestServer(options));
    await guest.setClock(clockOffsetSeconds);
    for (const name of ['ca.pem', 'server.pem', 'server-key.pem'])
      await copyFile(join(machine.directory, name), guest.file(name));
    guest.engine('start');
    await bench.setPorts(machine.name, { EnginePort: port, SSHPort: guest.#server.port });
    return guest;
  }

  /** A file that the engine reads. */
  file(name: string): string {
    return join(this.root, 'var/lib/boot2docker', name);
  }

  engine(verb: 'start' | 'stop'): void {
    execFileSync(join(this.root, 'etc/init.d/docker'), [verb]);
  }

  async setClock(offsetSeconds: number): Promise<void> {
    await writeFile(join(this.root, 'clock-offset'), String(offsetSeconds));
  }

  /** How far the guest's clock is off, in seconds. */
  async clockOffset(): Promise<number> {
    return Number(await readFile(join(this.root, 'clock-offset'), 'utf8'));
  }

  /** How often the engine was started. */
  async starts(): Promise<number> {
    return (await readFile(join(this.root, 'starts'), 'utf8')).length / 2;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (existsSync(join(this.root, 'listening'))) this.engine('stop');
    await this.#server[Symbol.asyncDispose]();
  }
}

async function writePrograms(root: string, address: string, port: number): Promise<void> {
  const engine = `${process.execPath} ${join(import.meta.dirname, 'guest-engine.js')} ${root} ${address} ${port}`;
  const docker = `cd ${root}
case $1 in
  stop)
    [ -f pid ] && kill $(cat pid)
    while [ -f listening ]; do sleep 0.05; done ;;
  start)
    echo x >> starts
    setsid ${engine} > log 2>&1 < /dev/null &
    echo $! > pid
    until [ -f listening ]; do kill -0 $(cat pid) || exit 1; sleep 0.05; done ;;
  status) [ -f listening ] ;;
esac`;
  // The recipe names files of the guest, which are in a folder here.
  const inRoot = `sed "s#/var/lib/boot2docker#${root}/var/lib/boot2docker#g; s#/etc/init.d/docker#${root}/etc/init.d/docker#g"`;
  const programs: Readonly<Record<string, string>> = {
    'etc/init.d/docker': docker,
    'bin/sudo': `[ "$1" = -n ] && shift; [ "$1" = sh ] && { ${inRoot} | sh -s; exit $?; }; exec "$@"`,
    // As another user it goes by way of sudo, which leads the script into the folder.
    'bin/id': '[ "$1" = -u ] && exec echo 1000; exec /usr/bin/id "$@"',
    'bin/cat': '[ "$1" = /etc/os-release ] && exec echo ID=boot2docker; exec /bin/cat "$@"',
    'bin/ip': 'exit 0',
    'bin/hwclock': 'exit 0',
    'bin/netstat': `[ -f ${root}/listening ] && echo "tcp 0 0 :::2376 :::* LISTEN"; exit 0`,
    'bin/date': `now=$(/bin/date +%s)
case "$*" in
  *'-s @'*) echo $((\${3#@} - now)) > ${root}/clock-offset ;;
  *) echo $((now + $(cat ${root}/clock-offset))) ;;
esac`,
  };
  for (const [name, script] of Object.entries(programs)) {
    const path = join(root, name);
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o755);
  }
  await mkdir(join(root, 'var/lib/boot2docker'), { recursive: true });
}
