import { describe, expect, test } from 'vitest';
import { resolveClosure } from '../../../../src/image/debian/closure.ts';
import { type PackagesIndex, parsePackagesIndex } from '../../../../src/image/debian/packages-index.ts';

/** One package a line: `name version: Depends; Provides`. */
function indexOf(...lines: string[]): PackagesIndex {
  const paragraphs = lines.map((line) => {
    const [, name, version, depends, provides] = /^(\S+) (\S+?)(?:: ([^;]*)(?:; (.*))?)?$/.exec(line) ?? [];
    return [
      `Package: ${name}`,
      `Version: ${version}`,
      'Architecture: amd64',
      ...(depends ? [`Depends: ${depends}`] : []),
      ...(provides ? [`Provides: ${provides}`] : []),
      `Filename: pool/${name}_${version}.deb`,
      'Size: 1',
      `SHA256: ${'0'.repeat(64)}`,
    ].join('\n');
  });
  return parsePackagesIndex(Buffer.from(`${paragraphs.join('\n\n')}\n`));
}

function names(index: PackagesIndex, roots: string[], assumed: string[] = []): string[] {
  return resolveClosure(index, { roots, assumed }).map(({ name, version }) => `${name}=${version}`);
}

describe('resolveClosure()', () => {
  test('follows dependencies through cycles and sorts by name', () => {
    const index = indexOf('root 1: b, a', 'a 1: b', 'b 2: a, c (>= 1)', 'c 1', 'unused 1');
    expect(names(index, ['root'])).toEqual(['a=1', 'b=2', 'c=1', 'root=1']);
  });

  test('takes the first alternative that can be had, unless another is there already', () => {
    const index = indexOf('x 1: gone | b | c', 'b 1', 'c 1');
    expect(names(index, ['x'])).toEqual(['b=1', 'x=1']);
    expect(names(index, ['c', 'x'])).toEqual(['c=1', 'x=1']);
  });

  test('passes over an alternative whose own dependencies are missing, and leaves nothing of it behind', () => {
    const index = indexOf('x 1: bad | good', 'bad 1: extra, missing', 'extra 1', 'good 1');
    expect(names(index, ['x'])).toEqual(['good=1', 'x=1']);
  });

  test('takes the newest of several versions that meets the bound', () => {
    const index = indexOf('x 1: a (<< 3)', 'a 1', 'a 3', 'a 2');
    expect(names(index, ['x'])).toEqual(['a=2', 'x=1']);
  });

  test('lets a package stand in for a virtual name, the first by name', () => {
    const index = indexOf('x 1: mta', 'postfix 1: ; mta', 'exim 1: ; mta');
    expect(names(index, ['x'])).toEqual(['exim=1', 'x=1']);
    expect(names(index, ['postfix', 'x'])).toEqual(['postfix=1', 'x=1']);
  });

  test('meets a bound only with a versioned Provides', () => {
    const index = indexOf('x 1: v (>= 2)', 'a 9: ; v', 'b 1: ; v (= 1)', 'c 1: ; v (= 2)');
    expect(names(index, ['x'])).toEqual(['c=1', 'x=1']);
  });

  test('counts assumed names as installed', () => {
    const index = indexOf('x 1: systemd (>= 300) | other, a', 'other 1', 'a 1: systemd');
    expect(names(index, ['x'], ['systemd'])).toEqual(['a=1', 'x=1']);
  });

  test('names the chain to what is missing', () => {
    const index = indexOf('docker.io 26: containerd', 'containerd 1.7: runc (>= 2)', 'runc 1');
    expect(() => names(index, ['docker.io'])).toThrow(
      'nothing in the suite meets "runc (>= 2)", needed by docker.io 26 → containerd 1.7',
    );
  });

  test('names a root that does not exist', () => {
    expect(() => names(indexOf('a 1'), ['nothing'])).toThrow('nothing in the suite meets "nothing"');
  });
});
