import { describe, expect, it } from 'vitest';
import { keepModules } from '../../../src/image/guest/keep-modules.ts';
import {
  describeModule,
  formatModulesIndex,
  parseModinfo,
  planLoadOrder,
} from '../../../src/image/guest/modules-index.ts';
import { moduleFile } from '../../support/module-file.ts';

describe('modules index', () => {
  const modules = [
    { path: 'kernel/lib/crc16.ko', content: moduleFile(['license=GPL']) },
    { path: 'kernel/fs/jbd2/jbd2.ko', content: moduleFile(['depends=']) },
    {
      path: 'kernel/fs/ext4/ext4.ko',
      content: moduleFile(['alias=fs-ext4', 'alias=ext3', 'depends=jbd2,crc16', 'softdep=pre: crc32c']),
    },
    { path: 'kernel/net/nf-helper.ko', content: moduleFile(['depends=ext4']) },
  ];

  it('parseModinfo() reads the section .modinfo of an ELF file', () => {
    expect(parseModinfo(moduleFile(['license=GPL', 'alias=a=b']))).toEqual([
      ['license', 'GPL'],
      ['alias', 'a=b'],
    ]);
  });

  it.each([
    ['an empty file', new Uint8Array()],
    ['text', Buffer.from('#!/bin/sh'.repeat(20))],
    ['a module cut short', moduleFile(['license=GPL']).subarray(0, 100)],
  ])('parseModinfo() sees that %s is no module', (_, content) => {
    expect(parseModinfo(content)).toBeUndefined();
  });

  it('describeModule() names modules as the kernel does', () => {
    expect(describeModule({ path: 'a/nf-helper.ko', content: moduleFile(['depends=x-y,z']) })).toMatchObject({
      name: 'nf_helper',
      depends: ['x_y', 'z'],
    });
  });

  it('planLoadOrder() puts dependencies first and survives circles and strangers', () => {
    const info = (name: string, depends: readonly string[]) =>
      [name, { name, depends, aliases: [], softDependencies: [] }] as const;
    const infos = new Map([info('a', ['b', 'gone']), info('b', ['c']), info('c', ['b'])]);
    expect(planLoadOrder(['a', 'unknown'], infos)).toEqual(['c', 'b', 'a']);
  });

  it('formatModulesIndex() writes what modprobe reads', () => {
    expect(formatModulesIndex(modules)).toEqual({
      'modules.dep': [
        'kernel/lib/crc16.ko:',
        'kernel/fs/jbd2/jbd2.ko:',
        'kernel/fs/ext4/ext4.ko: kernel/lib/crc16.ko kernel/fs/jbd2/jbd2.ko',
        'kernel/net/nf-helper.ko: kernel/fs/ext4/ext4.ko kernel/lib/crc16.ko kernel/fs/jbd2/jbd2.ko',
        '',
      ].join('\n'),
      'modules.alias': 'alias fs-ext4 ext4\nalias ext3 ext4\n',
      'modules.softdep': 'softdep ext4 pre: crc32c\n',
    });
  });

  it('keepModules() keeps what kept modules depend on, wherever it lies, and unpacks it', async () => {
    const packed = [
      { path: 'kernel/drivers/misc/needed.ko.xz', content: moduleFile(['license=GPL']) },
      { path: 'kernel/drivers/misc/other.ko.xz', content: moduleFile(['license=GPL']) },
      { path: 'kernel/fs/ext4/ext4.ko.xz', content: moduleFile(['depends=needed']) },
    ];
    const unpacked: Uint8Array[] = [];
    const kept = await keepModules(packed, async (bytes) => {
      unpacked.push(bytes);
      return bytes;
    });
    expect(kept.map(({ path }) => path)).toEqual(['kernel/drivers/misc/needed.ko', 'kernel/fs/ext4/ext4.ko']);
    expect(unpacked).toHaveLength(2);
  });
});
