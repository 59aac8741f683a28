/** Folders under `kernel/` whose modules are kept whole. */
const keptFolders: readonly string[] = [
  'arch/x86/crypto',
  'block',
  'crypto',
  'drivers/block/zram',
  'drivers/hv',
  'drivers/md',
  'drivers/net/bonding',
  'drivers/net/ethernet/intel/e1000',
  'drivers/net/ethernet/intel/e1000e',
  'drivers/net/hyperv',
  'drivers/net/ipvlan',
  'drivers/net/team',
  'drivers/net/vmxnet3',
  'drivers/net/vxlan',
  'drivers/net/wireguard',
  'drivers/nvme/host',
  'drivers/virt/vboxguest',
  'drivers/virtio',
  'fs',
  'lib',
  'net',
];

/** Folders under a kept one that have no use in a virtual machine that runs containers. */
const droppedFolders: readonly string[] = [
  'drivers/md/bcache',
  'drivers/md/dm-vdo',
  'drivers/md/persistent-data',
  ...['adfs', 'affs', 'afs', 'bcachefs', 'befs', 'bfs', 'ceph', 'coda', 'dlm', 'ecryptfs', 'efs', 'freevxfs'].map(fs),
  ...['gfs2', 'hfs', 'hfsplus', 'hpfs', 'jffs2', 'jfs', 'minix', 'nilfs2', 'ntfs3', 'ocfs2', 'omfs'].map(fs),
  ...['orangefs', 'pstore', 'qnx4', 'qnx6', 'reiserfs', 'romfs', 'sysv', 'ubifs', 'udf', 'ufs', 'zonefs'].map(fs),
  ...['6lowpan', 'appletalk', 'atm', 'ax25', 'batman-adv', 'bluetooth', 'can', 'ceph', 'dccp', 'hsr'].map(net),
  ...['ieee802154', 'kcm', 'lapb', 'mac80211', 'mac802154', 'netrom', 'nfc', 'phonet', 'qrtr', 'rds'].map(net),
  ...['rose', 'rxrpc', 'smc', 'tipc', 'wireless', 'x25'].map(net),
];

/** Single modules kept from folders that are otherwise left out. */
const keptModules: ReadonlySet<string> = new Set([
  // Disks and CD drives of QEMU, VirtualBox, VMware and Hyper-V.
  ...['ahci', 'ata_generic', 'ata_piix', 'libahci', 'libata', 'nbd', 'loop', 'virtio_blk'],
  ...['cdrom', 'hv_storvsc', 'mptbase', 'mptscsih', 'mptspi', 'sd_mod', 'sg', 'sr_mod', 'virtio_scsi', 'vmw_pvscsi'],
  // Network.
  ...['dummy', 'geneve', 'ifb', 'macvlan', 'macvtap', 'net_failover', 'failover', 'pcnet32', 'tap', 'tun', 'veth'],
  ...['virtio_net', 'vrf', '8139cp', 'netconsole', 'ppp_generic', 'slhc'],
  // Power button, clocks, host channels, entropy.
  ...['ac', 'button', 'evdev', 'ptp_kvm', 'ptp_vmw', 'qemu_fw_cfg', 'rng-core', 'virtio-rng', 'virtio_console'],
  ...['vmw_balloon', 'vmw_vmci', 'vhost_net', 'vhost_vsock', 'vhost', 'vhost_iotlb', 'i6300esb', 'softdog'],
  // A keyboard at the console of a hypervisor that has one.
  ...['atkbd', 'i8042', 'serio', 'libps2', 'vivaldi-fmap'],
  // Nested virtual machines in containers.
  ...['kvm', 'kvm-amd', 'kvm-intel', 'irqbypass'],
]);

/** Modules the initramfs needs to reach the root file system on the CD, whichever the hypervisor's drive is. */
export const initramfsModules: readonly string[] = [
  ...['ata_piix', 'ata_generic', 'ahci', 'sr_mod', 'sd_mod', 'virtio_blk', 'virtio_scsi'],
  ...['hv_storvsc', 'hv_vmbus', 'mptspi', 'vmw_pvscsi', 'isofs', 'loop', 'overlay', 'squashfs'],
];

/** Whether the guest keeps the module at `path`, which is relative to the kernel's module folder (`kernel/fs/…`). */
export function isKeptModule(path: string): boolean {
  const inner = path.replace(/^kernel\//, '');
  if (keptModules.has(moduleFileName(path))) return true;
  return isUnder(keptFolders, inner) && !isUnder(droppedFolders, inner) && !/(^|\/)(test_|.*-error-inject)/.test(inner);
}

/** The module's file name without folder and endings: `kernel/fs/ext4/ext4.ko.xz` → `ext4`. */
export function moduleFileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.ko(\.xz)?$/, '');
}

function isUnder(folders: readonly string[], path: string): boolean {
  return folders.some((folder) => path.startsWith(`${folder}/`));
}

function fs(name: string): string {
  return `fs/${name}`;
}

function net(name: string): string {
  return `net/${name}`;
}
