import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatSshConfig } from '../../../src/ssh/external-arguments.ts';
import { describeWith } from '../../support/requires.ts';

describeWith(['ssh'], 'formatSshConfig()', () => {
  test('makes what ssh itself reads as this machine, with its key and its host key alone', () => {
    const folder = mkdtempSync(join(tmpdir(), 'config it\'s 100% "here" '));
    const target = { host: '::1', port: 2222, user: 'docker', identityFile: join(folder, 'id_rsa') };
    const files = { knownHostsFile: join(folder, 'known_hosts'), isPinned: true };
    writeFileSync(join(folder, 'config'), formatSshConfig('my.host', target, files));
    const { stdout } = spawnSync('ssh', ['-F', join(folder, 'config'), '-G', 'my.host'], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect(stdout.split('\n')).toEqual(
      expect.arrayContaining([
        'hostname ::1',
        'port 2222',
        'user docker',
        // The percent sign is read only when the file is opened.
        `identityfile ${target.identityFile.replace('%', '%%')}`,
        'identitiesonly yes',
        'hostkeyalias guest',
        'stricthostkeychecking true',
        `userknownhostsfile ${files.knownHostsFile}`,
      ]),
    );
  });
});
