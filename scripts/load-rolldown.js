import { syncBuiltinESMExports } from 'node:module';
import util from 'node:util';

/**
 * The bundler asks for Node 20.19, but all it misses in 20.12, which is enough for the program, is a list of formats in
 * `util.styleText`. So that the program can be built wherever it runs, it gets one that takes a list.
 */
export async function loadRolldown() {
  const { styleText } = util;
  try {
    styleText(['bold', 'red'], '');
  } catch {
    util.styleText = (formats, text) => [formats].flat().reduce((styled, format) => styleText(format, styled), text);
    syncBuiltinESMExports();
  }
  return await import('rolldown');
}
