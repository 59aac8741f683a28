/** Name of the ISO's volume: the initramfs finds its medium by it. */
export const volumeName = 'TMACHINE';

/** Where the parts lie on the ISO. */
export const mediumPaths = {
  kernel: 'boot/vmlinuz',
  initramfs: 'boot/initrd.img',
  root: 'tmachine/root.squashfs',
  bootLoader: 'isolinux/isolinux.bin',
} as const;

/**
 * Parameters of the guest's kernel.
 * Mitigations of processor faults stay on (their default): they keep one container from reading another's memory, which
 * the half second that `mitigations=off` saves under emulation is not worth.
 */
export const kernelParameters: readonly string[] = [
  // The last console is /dev/console, where the guest tells how far it is; the screen serves VirtualBox's window.
  'console=tty0',
  'console=ttyS0,115200',
  // Each character on an emulated serial port costs an exit from the guest: warnings and worse only.
  'loglevel=4',
  // Disks are there when their driver has loaded, so nothing needs to poll for them.
  'scsi_mod.scan=sync',
  // The other security modules need policies that are not in the guest, and cost time on each system call or file.
  'lsm=landlock,yama,bpf',
  'audit=0',
  // The kernel's ciphers test themselves at each boot: 0.7 of the 1.8 thousand million instructions to init.
  'cryptomgr.notests',
  // Five levels of page tables serve memories beyond 64 TiB and slow emulation down.
  'no5lvl',
  // Go's heaps would grow by 2 MiB at a time.
  'transparent_hugepage=madvise',
  // A rule deleted or an interface removed would wait 20 ms for the processors to be idle once; the engine does that dozens of
  // times at its start, and for each container.
  'rcupdate.rcu_expedited=1',
  // Restart instead of hanging silently. QEMU before 8.1 can run stale code while the kernel patches itself on two
  // emulated processors; a second try mends it.
  'panic=1',
];

/** isolinux.cfg: boots at once, without a prompt. */
export function formatIsolinuxConfig(extraParameters: readonly string[] = []): string {
  return [
    'DEFAULT tmachine',
    'PROMPT 0',
    'TIMEOUT 0',
    'LABEL tmachine',
    `  KERNEL /${mediumPaths.kernel}`,
    `  INITRD /${mediumPaths.initramfs}`,
    `  APPEND ${[...kernelParameters, ...extraParameters].join(' ')}`,
    '',
  ].join('\n');
}
