import { describe, expect, test } from 'vitest';
import { findProxy } from '../../../src/host/proxy.ts';

function proxyFor(address: string, env: Readonly<Record<string, string>>): string | undefined {
  return findProxy(new URL(address), env)?.host;
}

describe('findProxy()', () => {
  test.each([
    ['http://a.test/', { http_proxy: 'http://p.test:3128' }, 'p.test:3128'],
    ['http://a.test/', { HTTP_PROXY: 'p.test:3128' }, 'p.test:3128'],
    ['http://a.test/', { https_proxy: 'http://p.test:3128' }, undefined],
    ['https://a.test/', { https_proxy: 'http://p.test:3128' }, 'p.test:3128'],
    ['https://a.test/', { ALL_PROXY: 'http://p.test:3128' }, 'p.test:3128'],
    ['http://a.test/', { http_proxy: '', all_proxy: '' }, undefined],
  ])('for %s with %o is %s', (address, env, host) => {
    expect(proxyFor(address, env)).toBe(host);
  });

  test.each([
    ['http://a.test/', 'a.test', true],
    ['http://b.a.test/', 'a.test', true],
    ['http://b.a.test/', '.a.test', true],
    ['http://b.a.test/', '*.a.test', true],
    ['http://ba.test/', 'a.test', false],
    ['http://a.test:8080/', 'a.test:8080', true],
    ['http://a.test/', 'a.test:8080', false],
    ['https://a.test/', 'x, A.test:443', true],
    ['http://192.168.99.1/', '192.168.99.10', false],
    ['http://anything/', '*', true],
  ])('for %s with no_proxy "%s" is a direct connection: %s', (address, list, direct) => {
    const env = { all_proxy: 'http://p.test:1', no_proxy: list };
    expect(proxyFor(address, env) === undefined).toBe(direct);
  });
});
