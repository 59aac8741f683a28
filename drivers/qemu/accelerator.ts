import type { Host } from 'tmachine/driver';
import type { Accelerator } from './command-line.ts';

/** What `auto` decides by. */
export interface AcceleratorFacts {
  readonly platform: NodeJS.Platform;
  /** Accelerators this QEMU was built with. */
  readonly offered: readonly string[];
  /** Linux: whether the processor shows `vmx` or `svm`. */
  readonly hasVirtualizationFlag: boolean;
  /** Linux: whether we may open /dev/kvm. */
  readonly canOpenKvm: boolean;
  /** The accelerator under which this guest never gave a sign of life; empty when there is none. */
  readonly failed: string;
}

/** `reason` says why there is no hardware acceleration. */
export interface AcceleratorChoice {
  readonly accelerator: Accelerator;
  readonly reason?: string | undefined;
}

/** The accelerator for a new start, when the user leaves it to us. */
export function chooseAccelerator(facts: AcceleratorFacts): AcceleratorChoice {
  const native = nativeAccelerators[facts.platform];
  if (native === undefined) return { accelerator: 'tcg', reason: `QEMU has none on ${facts.platform}` };
  if (facts.failed === native) return { accelerator: 'tcg', reason: `the guest did not start under ${native} before` };
  if (native === 'kvm' && !facts.hasVirtualizationFlag)
    return { accelerator: 'tcg', reason: 'this processor offers no virtualization (neither vmx nor svm)' };
  if (native === 'kvm' && !facts.canOpenKvm)
    return { accelerator: 'tcg', reason: 'this user may not open /dev/kvm, or it does not exist' };
  if (!facts.offered.includes(native)) return { accelerator: 'tcg', reason: `this QEMU is built without ${native}` };
  return { accelerator: native };
}

const nativeAccelerators: { readonly [P in NodeJS.Platform]?: 'kvm' | 'hvf' | 'whpx' } = {
  linux: 'kvm',
  darwin: 'hvf',
  win32: 'whpx',
};

/** Looks at this computer and its QEMU; runs QEMU only where all else speaks for acceleration. */
export async function gatherAcceleratorFacts(host: Host, program: string, failed: string): Promise<AcceleratorFacts> {
  const onLinux = host.platform === 'linux';
  const hasVirtualizationFlag = onLinux && parseCpuFlags((await host.files.readText('/proc/cpuinfo')) ?? '');
  const canOpenKvm = hasVirtualizationFlag && (await host.files.canReadAndWrite('/dev/kvm'));
  const isWorthAsking = failed !== nativeAccelerators[host.platform] && (!onLinux || canOpenKvm);
  const offered = isWorthAsking ? await listAccelerators(host, program) : [];
  return { platform: host.platform, offered, hasVirtualizationFlag, canOpenKvm, failed };
}

/** Whether /proc/cpuinfo shows Intel's or AMD's virtualization. */
export function parseCpuFlags(cpuinfo: string): boolean {
  return /^flags\s*:.*\b(?:vmx|svm)\b/m.test(cpuinfo);
}

async function listAccelerators(host: Host, program: string): Promise<readonly string[]> {
  const answer = await host.run({ program, args: ['-accel', 'help'], timeoutMs: 10_000 });
  return answer.stdout.split(/\s+/);
}
