import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type DaemonOptions, formatProfile } from '../../../src/provision/engine-options.ts';

function profile(options: DaemonOptions): string {
  return formatProfile({ options, driverName: 'qemu' });
}

/** What a start script gets to see: it sources the profile and splits EXTRA_ARGS. */
function source(text: string, script: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'profile-'));
  const file = join(folder, 'profile');
  writeFileSync(file, text);
  try {
    const env = { PATH: process.env['PATH'] };
    return execFileSync('sh', ['-c', `. ${file}; ${script}`], { encoding: 'utf8', env, cwd: folder });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("formatProfile() writes docker-machine's profile", () => {
  const options = {
    ArbitraryFlags: ['debug', 'dns 8.8.8.8'],
    Env: ['HTTP_PROXY=http://proxy:3128'],
    InsecureRegistry: ['10.0.0.0/8'],
    Labels: ['zone=a'],
    RegistryMirror: ['http://mirror:5000'],
    StorageDriver: 'overlay2',
  };
  expect(profile(options)).toBe(`EXTRA_ARGS='
--label zone=a
--label provider=qemu
--insecure-registry 10.0.0.0/8
--registry-mirror http://mirror:5000
--debug
--dns 8.8.8.8
'
CACERT=/var/lib/boot2docker/ca.pem
DOCKER_HOST='-H tcp://0.0.0.0:2376'
DOCKER_STORAGE=overlay2
DOCKER_TLS=auto
SERVERKEY=/var/lib/boot2docker/server-key.pem
SERVERCERT=/var/lib/boot2docker/server.pem

export "HTTP_PROXY=http://proxy:3128"
`);
});

test('formatProfile() takes missing and null lists for empty ones', () => {
  expect(profile({ Labels: null, Env: null })).toContain("EXTRA_ARGS='\n--label provider=qemu\n'\n");
  expect(profile({})).toContain('\nDOCKER_STORAGE=\n');
});

test('formatProfile() leaves a label "provider" that is already there alone', () => {
  expect(profile({ Labels: ['provider=mine'] })).not.toContain('qemu');
});

test('formatProfile() gives hostile values to the daemon and its environment as they are', () => {
  const value = `a'b"c$HOME\`id\`\\d;e&f|g>h(i)#j!`;
  const text = profile({ Labels: [`k=${value}`], Env: [`PLAIN=${value} and spaces\nand lines`] });
  expect(source(text, 'printf "%s\\n" $EXTRA_ARGS')).toBe(`--label\nk=${value}\n--label\nprovider=qemu\n`);
  expect(source(text, 'printenv PLAIN')).toBe(`${value} and spaces\nand lines\n`);
});

test.each<[DaemonOptions, string]>([
  [{ Labels: ['a=b c'] }, 'label "a=b c"'],
  [{ Labels: ['nothing'] }, 'label "nothing"'],
  [{ Labels: [''] }, 'it is empty'],
  [{ InsecureRegistry: ['a\nb'] }, 'insecure registry'],
  [{ RegistryMirror: [' '] }, 'registry mirror'],
  [{ StorageDriver: 'x; reboot' }, 'storage driver'],
  [{ ArbitraryFlags: [''] }, 'option ""'],
  [{ Env: ['no assignment'] }, 'NAME=VALUE'],
  [{ Env: ['A-B=c'] }, 'NAME=VALUE'],
])('formatProfile() refuses %j', (options, message) => {
  expect(() => profile(options)).toThrow(message);
});
