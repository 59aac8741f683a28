import { join } from 'node:path';

/** What the driver keeps in the machine's folder; VirtualBox's own folder there has the machine's name. */
const fileNames = {
  disk: 'disk.vmdk',
  image: 'boot2docker.iso',
  console: 'console.log',
  previousConsole: 'console.log.1',
} as const;

/** Absolute paths of these files. */
export type VirtualBoxFiles = { readonly [Name in keyof typeof fileNames]: string };

/** The driver's files in one machine's folder. */
export function virtualBoxFiles(directory: string): VirtualBoxFiles {
  const entries = Object.entries(fileNames).map(([key, name]) => [key, join(directory, name)]);
  return Object.fromEntries(entries) as VirtualBoxFiles;
}
