import { describe, expect, test } from 'vitest';
import { formatCommandLine } from '../../../src/host/command-line.ts';
import { installerPrograms, planInstall } from '../../../src/machine/install-hypervisor.ts';

const plan = (isRoot: boolean, ...programs: string[]): readonly string[] =>
  planInstall({ platform: 'linux', isRoot, programs: new Set(programs) }).map((call) =>
    [call.program, ...(call.args ?? [])].join(' '),
  );

describe('planInstall()', () => {
  test.each([
    ['apt-get', ['apt-get update -q', 'apt-get install -y -q --no-install-recommends qemu-system-x86']],
    ['dnf', ['dnf install -y qemu-system-x86-core']],
    ['zypper', ['zypper --non-interactive install qemu-x86']],
    ['pacman', ['pacman -S --noconfirm qemu-system-x86']],
    ['apk', ['apk add qemu-system-x86_64']],
  ])('uses %s as root, with sudo when there is one, and not at all without', (program, calls) => {
    expect(plan(true, program)).toEqual(calls);
    expect(plan(true, program, 'sudo')).toEqual(calls);
    expect(plan(false, program, 'sudo')).toEqual(calls.map((call) => `sudo ${call}`));
    expect(plan(false, program)).toEqual([]);
  });

  test.each([
    ['brew', ['brew install qemu']],
    ['winget', ['winget install --exact --id SoftwareFreedomConservancy.QEMU --accept-package-agreements']],
  ])('uses %s without root', (program, calls) => {
    expect(plan(false, program)).toEqual(calls);
    expect(plan(false, program, 'sudo')).toEqual(calls);
  });

  test('knows no way without a package manager', () => {
    expect(plan(true)).toEqual([]);
    expect(plan(true, 'sudo')).toEqual([]);
  });

  test('prefers the system over Homebrew, and asks no questions', () => {
    const [first] = planInstall({ platform: 'linux', isRoot: true, programs: new Set(['brew', 'apt-get']) });
    expect(first).toMatchObject({ program: 'apt-get', env: { DEBIAN_FRONTEND: 'noninteractive' } });
    expect(first === undefined ? '' : formatCommandLine(first)).toBe('apt-get update -q');
  });

  test('is asked about all the programs it wants to know of', () => {
    expect(installerPrograms).toEqual(['sudo', 'apt-get', 'dnf', 'zypper', 'pacman', 'apk', 'brew', 'winget']);
  });
});
