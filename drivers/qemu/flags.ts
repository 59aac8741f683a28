/** The options of `create --driver qemu`. */
export const qemuFlags = {
  'qemu-memory': {
    type: 'integer',
    summary: 'Memory of the machine in MiB',
    default: 2048,
    env: 'QEMU_MEMORY_SIZE',
    min: 256,
  },
  'qemu-cpu-count': {
    type: 'integer',
    summary: 'Number of processors (-1: as many as this computer has)',
    default: 2,
    env: 'QEMU_CPU_COUNT',
    min: -1,
    max: 255,
  },
  'qemu-disk-size': {
    type: 'integer',
    summary: 'Size of the disk in MiB; it takes only the room that is used',
    default: 20000,
    env: 'QEMU_DISK_SIZE',
    min: 2000,
  },
  'qemu-boot2docker-url': {
    type: 'string',
    kind: 'file',
    summary: 'URL or file of the boot image (default: the newest one built here)',
    default: '',
    env: 'QEMU_BOOT2DOCKER_URL',
  },
  'qemu-accel': {
    type: 'string',
    summary: 'Hardware acceleration; auto takes it where it works',
    default: 'auto',
    env: 'QEMU_ACCEL',
    choices: ['auto', 'kvm', 'hvf', 'whpx', 'tcg'],
  },
  'qemu-share-folder': {
    type: 'list',
    kind: 'folder',
    summary: 'Show a folder of this computer as /name in the machine: dir:name[:ro]',
    env: 'QEMU_SHARE_FOLDER',
  },
  'qemu-publish': {
    type: 'list',
    summary: 'Forward a port of this computer to the machine: [host:]hostport:guestport',
    env: 'QEMU_PUBLISH',
  },
  'qemu-address': {
    type: 'string',
    summary: 'Loopback address of the machine (default: the next free one from 127.0.99.100 on)',
    default: '',
    env: 'QEMU_ADDRESS',
  },
  'qemu-program': {
    type: 'string',
    kind: 'file',
    summary: 'Name or path of QEMU (default: qemu-system-x86_64 on PATH or in its usual folders)',
    default: '',
    env: 'QEMU_PROGRAM',
  },
} as const;
