import { join } from 'node:path';

/** What the driver keeps in the machine's folder; QEMU runs in that folder and knows these names only. */
export const fileNames = {
  disk: 'disk.img',
  image: 'boot2docker.iso',
  console: 'console.log',
  previousConsole: 'console.log.1',
  /** What QEMU itself printed since its last start. */
  log: 'qemu.log',
  /** Written and locked by QEMU, before it does anything else. */
  pid: 'qemu.pid',
  /** Pid and start time, written by us once QEMU runs. */
  process: 'qemu.json',
  monitor: 'qmp.sock',
  /** Exists from before QEMU is started until its process is recorded. */
  starting: 'qemu.starting',
} as const;

/** Absolute paths of these files. */
export type QemuFiles = { readonly [Name in keyof typeof fileNames]: string };

/** The driver's files in one machine's folder. */
export function qemuFiles(directory: string): QemuFiles {
  const entries = Object.entries(fileNames).map(([key, name]) => [key, join(directory, name)]);
  return Object.fromEntries(entries) as QemuFiles;
}
