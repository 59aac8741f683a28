import { TmachineError } from 'tmachine/driver';
import type { QemuMachine } from './machine.ts';

interface FailurePattern {
  readonly pattern: RegExp;
  readonly code: string;
  /** `$1` and so on are the pattern's groups. */
  readonly reason: string;
  readonly hint: string;
}

/** What QEMU prints when it cannot run, tried in order. */
const failurePatterns: readonly FailurePattern[] = [
  {
    pattern: /Could not set up host forwarding rule '(?:tcp|udp):([\d.]+:\d+)-/,
    code: 'PORT_TAKEN',
    reason: 'another program listens on $1',
    hint: 'end that program, or give the machine another address with --qemu-address',
  },
  {
    pattern: /cannot set up guest memory|Cannot allocate memory|could not allocate memory/i,
    code: 'NO_MEMORY',
    reason: 'this computer has not enough memory for it',
    hint: 'end other programs or machines, or create it with a smaller --qemu-memory',
  },
  {
    pattern: /Failed to get "(?:write|consistent read)" lock|Cannot lock pid file/,
    code: 'QEMU_DISK_LOCKED',
    reason: 'another QEMU uses its disk',
    hint: 'end that QEMU; `tmachine kill` does it if it is this machine’s own',
  },
  {
    pattern: /Could not open '([^']*\.(?:img|iso))': (.+)/,
    code: 'QEMU_FILE_MISSING',
    reason: '$1 cannot be opened: $2',
    hint: 'remove the machine with `tmachine rm` and create it again',
  },
  {
    pattern: /Could not access KVM kernel module: Permission denied/,
    code: 'QEMU_ACCELERATOR',
    reason: '/dev/kvm may not be opened by this user',
    hint: 'join the group "kvm" and log in again, or use --qemu-accel tcg',
  },
  {
    pattern: /Could not access KVM kernel module: (.+)/,
    code: 'QEMU_ACCELERATOR',
    reason: 'KVM is not available: $1',
    hint: 'turn on virtualization in the firmware and load the module kvm_intel or kvm_amd, or use --qemu-accel tcg',
  },
  {
    pattern: /invalid accelerator (\w+)|-accel (\w+)[^:]*: .*(?:not (?:supported|compiled)|invalid)/,
    code: 'QEMU_ACCELERATOR',
    reason: 'this QEMU has no accelerator $1$2',
    hint: 'use --qemu-accel auto or tcg',
  },
  {
    pattern:
      /(failed to set MSR.*|kvm_\w+: Assertion.*|failed to initialize (?:kvm|hvf|whpx).*|HV_(?:ERROR|DENIED|UNSUPPORTED|NO_DEVICE).*|WHPX: .*|requires KVM or HVF|KVM internal error.*)/i,
    code: 'QEMU_ACCELERATOR',
    reason: 'hardware acceleration failed: $1',
    hint: 'use --qemu-accel tcg',
  },
  {
    pattern: /(?:There is no option group 'sandbox'|sandbox|seccomp).*/i,
    code: 'QEMU_NO_SANDBOX',
    reason: 'it cannot confine itself with seccomp',
    hint: 'install a QEMU that is built with seccomp',
  },
  {
    pattern: /cannot initialize fsdev '[^']*': failed to open '([^']*)': (.+)/,
    code: 'QEMU_SHARE_FAILED',
    reason: 'the shared folder "$1" cannot be opened: $2',
    hint: 'make the folder, or create the machine without it',
  },
  {
    pattern:
      /fsdev support is disabled|-(?:fsdev|virtfs)\b.*(?:invalid option|no option group|not supported)|'virtio-9p-pci' is not a valid device/,
    code: 'QEMU_NO_SHARES',
    reason: 'this QEMU cannot share folders',
    hint: 'create the machine without --qemu-share-folder, or install a QEMU that is built with 9p',
  },
  {
    pattern: /Invalid SMP CPUs \d+\. The max CPUs supported by machine .* is (\d+)/,
    code: 'QEMU_TOO_MANY_CPUS',
    reason: 'this QEMU takes at most $1 processors',
    hint: 'create it with a smaller --qemu-cpu-count',
  },
  {
    pattern:
      /(-[\w-]+: invalid option|Invalid parameter '[^']*'|Property .* not found|is not a valid device model name|unsupported machine type|Parameter '[^']*' .*)/,
    code: 'QEMU_TOO_OLD',
    reason: 'this QEMU does not know what it was asked for ($1)',
    hint: 'install QEMU 6.2 or newer, or name another one with --qemu-program',
  },
  {
    pattern: /(could not load PC BIOS.*|Could not find ROM image.*|failed to find romfile.*)/i,
    code: 'QEMU_INCOMPLETE',
    reason: 'its firmware files are missing ($1)',
    hint: 'install the package with QEMU’s firmware (seabios, qemu-system-data)',
  },
  {
    pattern: /error while loading shared libraries: (.+)|(Library not loaded: .+)/,
    code: 'QEMU_INCOMPLETE',
    reason: 'a library is missing: $1$2',
    hint: 'install QEMU again',
  },
  {
    pattern: /No space left on device/,
    code: 'DISK_FULL',
    reason: 'the disk is full',
    hint: 'make room on the disk that holds the machine’s folder',
  },
];

/** QEMU's own words turned into a failure with a hint; the words themselves where we do not know them. */
export function explainQemuFailure(stderr: string, machine: Pick<QemuMachine, 'name'>): TmachineError {
  for (const { pattern, code, reason, hint } of failurePatterns) {
    const match = pattern.exec(stderr);
    if (match === null) continue;
    const filled = reason.replaceAll(/\$(\d)/g, (_, group: string) => match[Number(group)] ?? '');
    return new TmachineError(`Cannot start "${machine.name}": ${filled}`, { code, hint });
  }
  const words = lastLines(stderr, 5);
  return new TmachineError(`Cannot start "${machine.name}": QEMU ended at once${words === '' ? '' : `:\n${words}`}`, {
    code: 'QEMU_FAILED',
    hint: words === '' ? 'try "qemu-system-x86_64 --version" by hand' : undefined,
  });
}

function lastLines(text: string, count: number): string {
  return text.trimEnd().split(/\r?\n/).slice(-count).join('\n');
}
