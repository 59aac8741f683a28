import { describe, expect, it } from 'vitest';
import { formatConfig, planConfig, quoteGo } from '../../../src/env/config.ts';
import { formatAssignments, formatCall, formatEvaluation } from '../../../src/env/format.ts';
import type { Shell } from '../../../src/env/shells.ts';
import { planUnset, planVariables, type VariablesRequest } from '../../../src/env/variables.ts';

const onLinux: VariablesRequest = {
  machine: 'dev',
  url: 'tcp://192.168.99.100:2376',
  certPath: '/home/me/.docker/machine/machines/dev',
  platform: 'linux',
  shell: 'posix',
  env: {},
};
const onWindows: VariablesRequest = {
  machine: 'myhost',
  url: 'tcp://192.168.99.100:2376',
  certPath: 'C:\\Users\\Taro\\.docker\\machine\\machines\\myhost',
  platform: 'win32',
  shell: 'powershell',
  env: {},
};
const taro = 'C:\\Users\\Taro\\Scripts\\tmachine.exe';

describe('formatAssignments()', () => {
  it('prints what the walkthrough shows in PowerShell', () => {
    const text = formatAssignments(planVariables(onWindows), {
      shell: 'powershell',
      commandLine: [taro, 'env', 'myhost'],
    });
    expect(text).toBe(`$Env:DOCKER_TLS_VERIFY = "1"
$Env:DOCKER_HOST = "tcp://192.168.99.100:2376"
$Env:DOCKER_CERT_PATH = "C:\\Users\\Taro\\.docker\\machine\\machines\\myhost"
$Env:DOCKER_MACHINE_NAME = "myhost"
$Env:COMPOSE_CONVERT_WINDOWS_PATHS = "true"
# Run this command to configure your shell: 
# & "C:\\Users\\Taro\\Scripts\\tmachine.exe" env myhost | Invoke-Expression
`);
  });

  it('adds the line of --no-proxy before the comment', () => {
    const commandLine = [taro, 'env', '--no-proxy', 'myhost'];
    const text = formatAssignments(planVariables({ ...onWindows, noProxyIn: {} }), {
      shell: 'powershell',
      commandLine,
    });
    expect(text).toContain(`"true"
$Env:NO_PROXY = "192.168.99.100"
# Run this command to configure your shell: 
# & "C:\\Users\\Taro\\Scripts\\tmachine.exe" env --no-proxy myhost | Invoke-Expression
`);
  });

  it.each<[Shell, string]>([
    [
      'posix',
      'export DOCKER_TLS_VERIFY="1"\n…\n# Run this command to configure your shell: \n# eval $(tmachine env dev)\n',
    ],
    [
      'fish',
      'set -gx DOCKER_TLS_VERIFY "1";\n…\n# Run this command to configure your shell: \n# eval (tmachine env dev)\n',
    ],
    [
      'powershell',
      '$Env:DOCKER_TLS_VERIFY = "1"\n…\n# Run this command to configure your shell: \n# & tmachine env dev | Invoke-Expression\n',
    ],
    [
      'cmd',
      'SET DOCKER_TLS_VERIFY=1\n…\nREM Run this command to configure your shell: \nREM \t@FOR /f "tokens=*" %i IN (\'tmachine env dev\') DO @%i\n',
    ],
    [
      'tcsh',
      'setenv DOCKER_TLS_VERIFY "1";\n…\n: Run this command to configure your shell: \n: eval `tmachine env dev`\n',
    ],
    [
      'emacs',
      '(setenv "DOCKER_TLS_VERIFY" "1")\n…\n;; Run this command to configure your shell: \n;; (with-temp-buffer (shell-command "tmachine env dev" (current-buffer)) (eval-buffer))\n',
    ],
  ])('prints docker-machine’s lines for %s', (shell, expected) => {
    const text = formatAssignments(planVariables({ ...onLinux, shell }), {
      shell,
      commandLine: ['tmachine', 'env', 'dev'],
    });
    const lines = text.split('\n');
    expect([lines[0], '…', ...lines.slice(4)].join('\n')).toBe(expected);
  });

  it.each<[Shell, string]>([
    ['posix', 'unset DOCKER_HOST'],
    ['fish', 'set -e DOCKER_HOST;'],
    ['powershell', 'Remove-Item Env:\\\\DOCKER_HOST'],
    ['cmd', 'SET DOCKER_HOST='],
    ['tcsh', 'unsetenv DOCKER_HOST;'],
    ['emacs', '(setenv "DOCKER_HOST" nil)'],
  ])('prints docker-machine’s unset line for %s', (shell, line) => {
    const text = formatAssignments(planUnset({ platform: 'linux', env: {} }), {
      shell,
      commandLine: ['tmachine', 'env', '-u'],
    });
    expect(text.split('\n')[1]).toBe(line);
  });

  it.each(['a\nb', 'a\0b', 'a\tb', 'a\x1bb', 'a\ud800b'])('refuses %j, which no line can carry', (value) => {
    const assignments = [{ name: 'DOCKER_CERT_PATH', value }];
    expect(() => formatAssignments(assignments, { shell: 'posix', commandLine: ['tmachine'] })).toThrow(
      /^Cannot set DOCKER_CERT_PATH in a shell: its value holds the character U\+[0-9A-F]{4}/,
    );
  });
});

describe('cmd', () => {
  const inCmd = (value: string, userProfile?: string): string | undefined => {
    const options = { shell: 'cmd', commandLine: ['tmachine'], userProfile } as const;
    return formatAssignments([{ name: 'DOCKER_CERT_PATH', value }], options).split('\n')[0];
  };
  const home = 'C:\\Users\\太郎';

  it.each([
    ['C:\\Users\\Taro\\x', 'C:\\Users\\Taro', 'SET DOCKER_CERT_PATH=C:\\Users\\Taro\\x'],
    [`${home}\\.docker\\m 1`, home, 'CALL SET DOCKER_CERT_PATH=%USERPROFILE%\\.docker\\m 1'],
    [`${home.toUpperCase()}\\x`, home, 'CALL SET DOCKER_CERT_PATH=%USERPROFILE%\\x'],
    [`${home}2\\x`, home, `SET DOCKER_CERT_PATH=${home}2\\x`],
    [`${home}\\%x%`, home, `SET DOCKER_CERT_PATH=${home}\\%x%`],
    [`${home}\\é`, home, `SET DOCKER_CERT_PATH=${home}\\é`],
    [`${home}&\\x`, `${home}&`, `SET "DOCKER_CERT_PATH=${home}&\\x"`],
    ['D:\\é', undefined, 'SET DOCKER_CERT_PATH=D:\\é'],
    ['/é', '', 'SET DOCKER_CERT_PATH=/é'],
  ])('sets %j with the home %j by %s', (value, userProfile, line) => expect(inCmd(value, userProfile)).toBe(line));

  it('refuses a line longer than it reads, which other shells take', () => {
    const longest = 8191 - 'SET DOCKER_CERT_PATH='.length;
    expect(inCmd('x'.repeat(longest))).toHaveLength(8191);
    expect(() => inCmd('x'.repeat(longest + 1))).toThrow(
      'Cannot set DOCKER_CERT_PATH in cmd: it reads lines of at most 8191 characters',
    );
    const assignments = [{ name: 'K', value: 'x'.repeat(20_000) }];
    expect(formatAssignments(assignments, { shell: 'powershell', commandLine: ['tmachine'] })).toContain(
      'x'.repeat(20_000),
    );
  });
});

describe('formatCall() and formatEvaluation()', () => {
  const words = ['C:\\Program Files\\nodejs\\node.exe', 'C:\\t.cjs', 'env', 'dev'];

  it.each<[Shell, string, string]>([
    [
      'powershell',
      '& "C:\\Program Files\\nodejs\\node.exe" "C:\\t.cjs" env dev',
      '& "C:\\Program Files\\nodejs\\node.exe" "C:\\t.cjs" env dev | Invoke-Expression',
    ],
    [
      'cmd',
      '"C:\\Program Files\\nodejs\\node.exe" "C:\\t.cjs" env dev',
      `\t@FOR /f "tokens=*" %i IN ('^""C:\\Program Files\\nodejs\\node.exe" "C:\\t.cjs" env dev^"') DO @%i`,
    ],
    [
      'posix',
      '"C:\\\\Program Files\\\\nodejs\\\\node.exe" "C:\\\\t.cjs" env dev',
      'eval $("C:\\\\Program Files\\\\nodejs\\\\node.exe" "C:\\\\t.cjs" env dev)',
    ],
  ])('quote the words for %s', (shell, call, evaluation) => {
    expect(formatCall(shell, words)).toBe(call);
    expect(formatEvaluation(shell, words)).toBe(evaluation);
  });
});

describe('planVariables()', () => {
  it('prints forward slashes for Git Bash', () => {
    expect(valuesOf(planVariables({ ...onWindows, shell: 'posix' }))['DOCKER_CERT_PATH']).toBe(
      'C:/Users/Taro/.docker/machine/machines/myhost',
    );
  });

  it.each<[string, Record<string, string>, Record<string, string>]>([
    ['starts a list', {}, { NO_PROXY: '192.168.99.100' }],
    ['adds to the list', { NO_PROXY: 'a.example' }, { NO_PROXY: 'a.example,192.168.99.100' }],
    ['adds to the lower-case list', { no_proxy: 'a.example' }, { no_proxy: 'a.example,192.168.99.100' }],
    ['adds to both', { no_proxy: 'a', NO_PROXY: 'b' }, { no_proxy: 'a,192.168.99.100', NO_PROXY: 'b,192.168.99.100' }],
    ['leaves a list that has it', { NO_PROXY: 'x, 192.168.99.100' }, { NO_PROXY: 'x, 192.168.99.100' }],
    [
      'is not fooled by a longer address',
      { NO_PROXY: '192.168.99.1001,10.192.168.99.100' },
      { NO_PROXY: '192.168.99.1001,10.192.168.99.100,192.168.99.100' },
    ],
    ['ignores an empty list', { no_proxy: '' }, { NO_PROXY: '192.168.99.100' }],
  ])('%s of proxy exceptions', (_, env, expected) => {
    const values = valuesOf(planVariables({ ...onLinux, noProxyIn: env }));
    expect(Object.fromEntries(Object.entries(values).filter(([name]) => /no_proxy/i.test(name)))).toEqual(expected);
  });

  it('finds the variable in any case on Windows', () => {
    expect(valuesOf(planVariables({ ...onWindows, noProxyIn: { No_Proxy: 'a' } }))['No_Proxy']).toBe(
      'a,192.168.99.100',
    );
  });
});

describe('DOCKER_API_VERSION', () => {
  const ours = { DOCKER_API_VERSION: '1.40', DOCKER_MACHINE_NAME: 'old' };
  const own = { DOCKER_API_VERSION: '1.40' };

  it('is set after the name of the machine where the Docker CLI needs it, and nowhere else', () => {
    const text = formatAssignments(planVariables({ ...onLinux, apiVersion: '1.40', noProxyIn: {}, env: ours }), {
      shell: 'posix',
      commandLine: ['tmachine', 'env', 'dev'],
    });
    expect(text).toContain(
      'export DOCKER_MACHINE_NAME="dev"\nexport DOCKER_API_VERSION="1.40"\nexport NO_PROXY="192.168.99.100"\n#',
    );
    for (const env of [{}, own])
      expect(planVariables({ ...onLinux, env }).map(({ name }) => name)).not.toContain('DOCKER_API_VERSION');
  });

  it('goes where it was set for another machine, alone in its command', () => {
    const text = formatAssignments(planVariables({ ...onLinux, noProxyIn: {}, env: ours }), {
      shell: 'posix',
      commandLine: ['tmachine', 'env', 'dev'],
    });
    expect(text).toContain(
      'export DOCKER_MACHINE_NAME="dev";\nunset DOCKER_API_VERSION;\nexport NO_PROXY="192.168.99.100"\n#',
    );
  });

  it('is unset with the others, but not where the user set it', () => {
    const names = (env: Readonly<Record<string, string>>) =>
      planUnset({ platform: 'linux', env }).map(({ name }) => name);
    expect(names(ours)).toEqual([...names({}), 'DOCKER_API_VERSION']);
    expect(names(own)).toEqual(names({}));
  });
});

describe('planUnset()', () => {
  it('takes COMPOSE_CONVERT_WINDOWS_PATHS back on Windows', () => {
    expect(planUnset({ platform: 'win32', env: {} }).map(({ name }) => name)).toEqual([
      'DOCKER_TLS_VERIFY',
      'DOCKER_HOST',
      'DOCKER_CERT_PATH',
      'DOCKER_MACHINE_NAME',
      'COMPOSE_CONVERT_WINDOWS_PATHS',
    ]);
  });

  it.each<[Record<string, string>, object[]]>([
    [{ NO_PROXY: 'a,192.168.99.100,b' }, [{ name: 'NO_PROXY', value: 'a,b' }]],
    [{ no_proxy: '192.168.99.100' }, [{ name: 'no_proxy', value: undefined }]],
    [{}, []],
  ])('restores the proxy exceptions %j', (env, expected) => {
    const noProxyIn = { DOCKER_HOST: 'tcp://192.168.99.100:2376', ...env };
    expect(planUnset({ platform: 'linux', env: {}, noProxyIn }).slice(4)).toEqual(expected);
  });
});

describe('formatConfig()', () => {
  it('prints what the walkthrough shows', () => {
    expect(
      formatConfig(planConfig({ directory: onWindows.certPath, url: onWindows.url, platform: 'win32' })),
    ).toBe(`--tlsverify
--tlscacert="C:\\\\Users\\\\Taro\\\\.docker\\\\machine\\\\machines\\\\myhost\\\\ca.pem"
--tlscert="C:\\\\Users\\\\Taro\\\\.docker\\\\machine\\\\machines\\\\myhost\\\\cert.pem"
--tlskey="C:\\\\Users\\\\Taro\\\\.docker\\\\machine\\\\machines\\\\myhost\\\\key.pem"
-H=tcp://192.168.99.100:2376
`);
  });
});

describe('quoteGo()', () => {
  it('escapes as strconv.Quote does', () => {
    expect(quoteGo('a"b\\c\td\x01\x7fé太\u00a0\u200b😀')).toBe('"a\\"b\\\\c\\td\\x01\\x7fé太\\u00a0\\u200b😀"');
  });
});

function valuesOf(
  assignments: readonly { name: string; value: string | undefined }[],
): Record<string, string | undefined> {
  return Object.fromEntries(assignments.map(({ name, value }) => [name, value]));
}
