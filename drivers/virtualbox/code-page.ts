import type { Host } from 'tmachine/driver';
import { parseRegistryValue } from './parse-registry-value.ts';
import { isWindowsProgram } from './wsl-path.ts';

/** Windows' ANSI code pages, under their names in the Encoding Standard. Those from 1250 to 1258 are named by their numbers. */
const codePages: ReadonlyMap<string, string> = new Map([
  ['874', 'windows-874'],
  ['932', 'shift_jis'],
  ['936', 'gbk'],
  ['949', 'euc-kr'],
  ['950', 'big5'],
  ['65001', 'utf-8'],
]);

/** How the outputs of one VBoxManage become text. */
export interface OutputDecoder {
  readonly encoding: 'utf8' | 'latin1';
  decode(output: string): Promise<string>;
}

/**
 * VBoxManage writes UTF-8, except on Windows: there it is the code page for programs of the user's language. That one is asked for when a
 * character beyond ASCII comes along.
 */
export function openDecoder(host: Host, program: string): OutputDecoder {
  if (host.platform !== 'win32' && !isWindowsProgram(host.platform, program))
    return { encoding: 'utf8', decode: async (output) => output };
  let charset: Promise<string> | undefined;
  return {
    encoding: 'latin1',
    decode: async (output) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant, control characters included.
      if (/^[\x00-\x7f]*$/.test(output)) return output;
      const bytes = Buffer.from(output, 'latin1');
      const unicode = decodeUtf8(bytes);
      if (unicode !== undefined) return unicode;
      charset ??= askCharset(host);
      return new TextDecoder(await charset).decode(bytes);
    },
  };
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

async function askCharset(host: Host): Promise<string> {
  const program = await host.findProgram(host.platform === 'win32' ? 'reg' : 'reg.exe', ['/mnt/c/Windows/System32']);
  if (program === undefined) return 'windows-1252';
  const key = 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Nls\\CodePage';
  const { stdout } = await host.run({ program, args: ['query', key, '/v', 'ACP'], timeoutMs: 10_000 });
  const number = parseRegistryValue(stdout, 'ACP') ?? '';
  return codePages.get(number) ?? (/^125[0-8]$/.test(number) ? `windows-${number}` : 'windows-1252');
}
