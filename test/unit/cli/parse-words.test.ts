import { expect, test } from 'vitest';
import type { CommandFlags } from '../../../src/cli/command.ts';
import { parseWords } from '../../../src/cli/parse-words.ts';

const flags: CommandFlags = {
  driver: { type: 'string', summary: '' },
  force: { type: 'boolean', summary: '' },
  'no-proxy': { type: 'boolean', summary: '' },
  proxy: { type: 'string', summary: '' },
  'tls-san': { type: 'list', summary: '' },
};

test('parseWords() keeps flags under their own names, whatever their names begin with', async () => {
  const words = ['a', '--no-proxy=true', '--tls-san=x', '--driver=d', '--tls-san=y', 'b', '--driver=e', '--', '-c'];
  expect(await parseWords(words, flags, 'help')).toEqual({
    args: ['a', 'b', '-c'],
    typed: { 'no-proxy': 'true', 'tls-san': ['x', 'y'], driver: 'e' },
  });
});

test('parseWords() gives words without flags as they are', async () => {
  expect(await parseWords(['a', '', '-'], flags, 'help')).toEqual({ args: ['a', '', '-'], typed: {} });
});

test('parseWords() suggests the flag that was meant', async () => {
  await expect(parseWords(['--drivr=x'], flags, 'tmachine x --help')).rejects.toMatchObject({
    code: 'USAGE',
    exitCode: 2,
    message: expect.stringMatching(/Unknown option '--drivr=x'[\s\S]*--driver/),
    hint: 'tmachine x --help',
  });
});

test('parseWords() refuses a flag without its value', async () => {
  await expect(parseWords(['--driver'], flags, 'help')).rejects.toMatchObject({ code: 'USAGE', exitCode: 2 });
});
