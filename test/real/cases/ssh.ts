import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RealStore } from '../../support/real-store.ts';

/** Commands and terminals in the guest. */
export function sshCases(store: () => RealStore): void {
  test.each(['native', 'external'])('the %s client passes on outputs, input and exit status', async (client) => {
    const input = randomBytes(1024 * 1024);
    const script = 'sha256sum | cut -c1-64; echo apart >&2; exit 7';
    const result = await store().tmachine(['--ssh-client', client, 'ssh', 'myhost', script], { input });
    const digest = createHash('sha256').update(input).digest('hex');
    expect(result).toEqual({ exitCode: 7, stdout: `${digest}\n`, stderr: 'apart\n' });
  });

  test('scp brings a tree to the guest and back, and wildcards and the tilde are those of the guest', async () => {
    const [tree, back] = [join(store().path, 'tree'), join(store().path, 'back')];
    await mkdir(join(tree, 'sub folder'), { recursive: true });
    const bytes = randomBytes(20_000_000);
    await writeFile(join(tree, 'sub folder', 'bytes'), bytes);
    await writeFile(join(tree, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
    expect(await store().tmachine(['scp', '-q', '-r', tree, 'myhost:'])).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: '',
    });
    const digest = createHash('sha256').update(bytes).digest('hex');
    const script = 'cd ~/tree; stat -c %a run.sh; sha256sum < "sub folder/bytes"';
    expect(await store().inGuest('myhost', script)).toBe(`755\n${digest}  -\n`);
    expect((await store().tmachine(['scp', '-r', 'myhost:~/tr*e', back])).exitCode).toBe(0);
    expect(Buffer.compare(await readFile(join(back, 'sub folder', 'bytes')), bytes)).toBe(0);
    expect((await store().tmachine(['scp', join(tree, 'run.sh'), 'myhost:/etc/'])).stderr).toMatch(
      /Cannot write "myhost:\/etc\/run.sh": permission denied\nTry: .*tmachine ssh myhost sudo mv/,
    );
  });

  test('scp --delta finds the rsync of the guest', async () => {
    const file = join(store().path, 'delta');
    await writeFile(file, 'sent by rsync');
    const { exitCode, stderr } = await store().tmachine(['scp', '-d', '-q', file, 'myhost:']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(await store().inGuest('myhost', 'cat ~/delta')).toBe('sent by rsync');
  });

  test('another host key than the pinned one is refused', async () => {
    const file = store().file('myhost', 'known_hosts');
    const pinned = await readFile(file, 'utf8');
    const words = ['-q', '-t', 'ed25519', '-N', '', '-f', `${store().path}/other-key`];
    await store().run('ssh-keygen', words);
    const other = (await readFile(`${store().path}/other-key.pub`, 'utf8')).split(' ')[1];
    await writeFile(file, pinned.replace(/(ssh-ed25519 )\S+/, `$1${other}`));
    const { exitCode, stdout, stderr } = await store().tmachine(['ssh', 'myhost', 'echo in']);
    await writeFile(file, pinned);
    expect({ exitCode, stdout }).toEqual({ exitCode: 255, stdout: '' });
    expect(stderr).toMatch(/host key is not the one this machine had/);
  });

  test('ssh opens a shell on a terminal', async () => {
    const env = { ...store().env, TERM: 'vt220', SHELL: '/bin/sh' };
    const child = spawn('script', ['-qefc', 'stty rows 33 cols 99; tmachine ssh myhost', '/dev/null'], { env });
    let screen = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      screen += text;
    });
    const ended = new Promise((done) => child.once('close', done));
    try {
      await expect.poll(() => screen, { timeout: 60_000 }).toMatch(/docker@myhost:~\$ $/);
      child.stdin.write('stty size; echo $TERM-on-$(whoami); exit 5\n');
      expect(await ended).toBe(5);
      expect(screen).toMatch(/^33 99\r$/m);
      expect(screen).toMatch(/^vt220-on-docker\r$/m);
    } finally {
      child.kill();
    }
  });
}
