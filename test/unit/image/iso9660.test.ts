import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fileSink } from '../../../src/image/byte-sink.ts';
import type { IsoFile } from '../../../src/image/iso9660/iso-file.ts';
import { type IsoOptions, writeIso } from '../../../src/image/iso9660/write-iso.ts';

const folder = mkdtempSync(join(tmpdir(), 'iso9660-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const mtimeSeconds = Date.UTC(2024, 5, 7, 8, 9, 10) / 1000;
const noise = randomBytes(3_000_001);
const onDisk = join(folder, 'noise');
writeFileSync(onDisk, noise);

const loader = readFileSync('/usr/lib/ISOLINUX/isolinux.bin');
const library = readFileSync('/usr/lib/syslinux/modules/bios/ldlinux.c32');
const configuration = 'SERIAL 0 115200\nDEFAULT x\nLABEL x\nKERNEL /deep/er/kernel.x86_64\n';
const many = Array.from({ length: 120 }, (_, index) => file(`many/A longer name number ${index}.txt`, `${index}`));
const files: IsoFile[] = [
  file('isolinux/isolinux.bin', loader),
  file('isolinux/ldlinux.c32', library),
  file('isolinux/isolinux.cfg', configuration),
  { path: 'boot/vmlinuz', mode: 0o755, source: { file: onDisk } },
  file('empty', ''),
  file('deep/er/kernel.x86_64', 'no kernel\n'),
  file('deep/er/than that/file.tar.gz', 'deep'),
  ...many,
  {
    path: 'root.squashfs',
    source: {
      async write(sink) {
        await sink.write(noise.subarray(1000), 1000);
        await sink.write(noise.subarray(0, 1000), 0);
        return { bytes: noise.length };
      },
    },
  },
];

function file(path: string, content: string | Uint8Array): IsoFile {
  return { path, source: { content: Buffer.from(content) } };
}

async function write(name: string, given: readonly IsoFile[], options?: Partial<IsoOptions>): Promise<string> {
  const path = join(folder, name);
  const output = await open(path, 'w');
  try {
    const { bytes } = await writeIso(given, fileSink(output), {
      volumeId: 'TMACHINE',
      mtimeSeconds,
      bootImage: 'isolinux/isolinux.bin',
      signal: new AbortController().signal,
      ...options,
    });
    expect((await output.stat()).size).toBe(bytes);
  } finally {
    await output.close();
  }
  return path;
}

function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', stdio: 'pipe', env: { ...process.env, TZ: 'UTC' } });
}

const disc = write('disc.iso', files);

test('writeIso() gives a disc whose names, modes and contents the real xorriso reads', async () => {
  const unpacked = join(folder, 'unpacked');
  run('xorriso', '-osirrox', 'on', '-indev', await disc, '-extract', '/', unpacked);
  const read = (path: string) => readFileSync(join(unpacked, path));
  expect(read('boot/vmlinuz').equals(noise)).toBe(true);
  expect(read('root.squashfs').equals(noise)).toBe(true);
  expect(read('isolinux/ldlinux.c32').equals(library)).toBe(true);
  expect(read('deep/er/than that/file.tar.gz').toString()).toBe('deep');
  expect(read('empty')).toHaveLength(0);
  for (const index of many.keys()) {
    expect(read(`many/A longer name number ${index}.txt`).toString()).toBe(`${index}`);
  }
  const kernel = statSync(join(unpacked, 'boot/vmlinuz'));
  expect(kernel.mode & 0o777).toBe(0o755);
  expect(kernel.mtimeMs).toBe(mtimeSeconds * 1000);
});

test('writeIso() names the volume, Rock Ridge and El Torito so that the real isoinfo finds them', async () => {
  const about = run('isoinfo', '-d', '-i', await disc);
  expect(about).toContain('Volume id: TMACHINE\n');
  expect(about).toContain(`Volume size is: ${statSync(await disc).size / 2048}\n`);
  expect(about).toContain('Rock Ridge signatures version 1 found');
  expect(about).toMatch(/Eltorito defaultboot header:\s+Bootid 88 \(bootable\)\s+Boot media 0 \(No Emulation Boot\)/);
});

test('writeIso() gives plain ISO 9660 names to readers without Rock Ridge', async () => {
  const names = run('isoinfo', '-f', '-i', await disc)
    .trim()
    .split('\n');
  expect(names).toContain('/ISOLINUX/ISOLINUX.BIN;1');
  expect(names).toContain('/BOOT/VMLINUZ.;1');
  expect(names).toContain('/DEEP/ER/THAN_THAT/FILE_TAR.GZ;1');
  expect(names).toHaveLength(files.length + 6);
});

test('writeIso() agrees with isoinfo about the path tables', async () => {
  const table = run('isoinfo', '-p', '-i', await disc);
  expect(table).toMatch(/ISOLINUX/);
  expect(table).toMatch(/THAN_THAT/);
});

test('writeIso() gives a disc that a BIOS starts', async () => {
  const text = await firstLines(await disc, 'ok\r\n');
  expect(text).toContain('Loading /deep/er/kernel.x86_64... ok');
}, 30_000);

test('writeIso() gives the same bytes for the same files', async () => {
  const again = await write('again.iso', files);
  expect(readFileSync(again).equals(readFileSync(await disc))).toBe(true);
});

test.each([
  ['name.A', 'name.a', 'Cannot put "name.a" on the disc: on ISO 9660 its name is the same as that of "name.A"'],
  ['x', 'x', 'Cannot put "x" into the image: it is given twice'],
  ['ok', 'n'.repeat(101), `Cannot put "${'n'.repeat(101)}" on the disc: its name is longer than 100 bytes`],
])('writeIso() refuses %s beside %s', async (one, other, message) => {
  const writing = write('refused.iso', [file('isolinux/isolinux.bin', loader), file(one, ''), file(other, '')]);
  await expect(writing).rejects.toMatchObject({ code: 'IMAGE_TREE_INVALID', message });
});

test('writeIso() refuses a disc without the file that starts it', async () => {
  await expect(write('refused.iso', [file('x', '')])).rejects.toMatchObject({
    message: 'Cannot make the disc bootable: the content of "isolinux/isolinux.bin" is not given',
  });
});

test('writeIso() ends with the reason when it is interrupted', async () => {
  const reason = new Error('interrupted');
  await expect(write('ended.iso', files, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

/** What a virtual machine with this disc says on its serial port until `wanted` is among it. */
async function firstLines(path: string, wanted: string): Promise<string> {
  const args = ['-accel', 'tcg', '-m', '64', '-display', 'none', '-monitor', 'none', '-nic', 'none', '-no-reboot'];
  const machine = spawn('qemu-system-x86_64', [...args, '-serial', 'stdio', '-boot', 'd', '-cdrom', path]);
  let text = '';
  const ended = new Promise<void>((resolve) => machine.once('close', () => resolve()));
  machine.stdout.on('data', (data: Buffer) => {
    text += data.toString('latin1');
    if (text.includes(wanted)) machine.kill();
  });
  machine.stderr.on('data', (data: Buffer) => {
    text += data.toString('latin1');
  });
  const timer = setTimeout(() => machine.kill(), 20_000);
  await ended;
  clearTimeout(timer);
  return text;
}
