import { expect, test } from 'vitest';
import type { RealStore } from '../../support/real-store.ts';

const ask = "docker version --format '{{.Server.Os}} {{.Server.Version}}'";
const emacsEnv =
  '(with-temp-buffer (shell-command "tmachine env --shell emacs myhost" (current-buffer)) (eval-buffer))';

/** The Docker CLI of this computer, pointed at `myhost` in every way. */
export function shellCases(store: () => RealStore): void {
  const answer = (): RegExp => new RegExp(`^linux ${store().image.engineVersion.replaceAll('.', '\\.')}`);
  const address = async (): Promise<string> => (await store().config('myhost')).Driver.IPAddress;

  test('config prints the options that the Docker CLI takes', async () => {
    expect(await store().ask('config', 'myhost')).toBe(
      [
        '--tlsverify',
        `--tlscacert="${store().file('myhost', 'ca.pem')}"`,
        `--tlscert="${store().file('myhost', 'cert.pem')}"`,
        `--tlskey="${store().file('myhost', 'key.pem')}"`,
        `-H=tcp://${await address()}:2376`,
        '',
      ].join('\n'),
    );
    const { stdout } = await store().run('bash', ['-c', 'docker $(tmachine config myhost) version']);
    expect(stdout).toMatch(/^Client:[\s\S]+^Server:/m);
  });

  test.each([
    ['bash', ['-c', `eval $(tmachine env myhost); ${ask}`]],
    ['zsh', ['-fc', `eval $(tmachine env myhost); ${ask}`]],
    ['sh', ['-c', `eval $(tmachine env myhost); ${ask}`]],
    ['fish', ['-Nc', `eval (tmachine env myhost); ${ask}`]],
    ['tcsh', ['-fc', `eval \`tmachine env myhost\`; ${ask}`]],
    ['emacs', ['--batch', '--eval', emacsEnv, '--eval', `(princ (shell-command-to-string "${ask}"))`]],
  ])('env in %s points the Docker CLI at the machine', async (shell, words) => {
    // From a shell of the user's: one that a program like this test starts itself would count as the program's own.
    const { stdout, stderr } = await store().run('sh', ['-c', '"$0" "$@"; exit $?', shell, ...words]);
    expect(stdout, stderr).toMatch(answer());
  });

  test('env for PowerShell reads as in the walkthrough, and --no-proxy adds one line', async () => {
    const host = await address();
    const lines = [
      '$Env:DOCKER_TLS_VERIFY = "1"',
      `$Env:DOCKER_HOST = "tcp://${host}:2376"`,
      `$Env:DOCKER_CERT_PATH = "${store().file('myhost', '')}"`.replace('/"', '"'),
      '$Env:DOCKER_MACHINE_NAME = "myhost"',
    ];
    const hint = (options: string): readonly string[] => [
      '# Run this command to configure your shell: ',
      `# & PROGRAM env ${options}myhost | Invoke-Expression`,
      '',
    ];
    const plain = await store().ask('env', '--shell', 'powershell', 'myhost');
    expect(nameless(plain).split('\n')).toEqual([...lines, ...hint('--shell powershell ')]);
    const proxied = await store().ask('env', '--shell', 'powershell', '--no-proxy', 'myhost');
    const extra = `$Env:NO_PROXY = "${host}"`;
    expect(nameless(proxied).split('\n')).toEqual([...lines, extra, ...hint('--shell powershell --no-proxy ')]);
  });

  test('env --no-proxy keeps the exceptions there are', async () => {
    const call = { env: { no_proxy: 'example.test' } };
    const { stdout } = await store().tmachine(['env', '--shell', 'bash', '--no-proxy', 'myhost'], call);
    expect(stdout).toContain(`export no_proxy="example.test,${await address()}"\n`);
  });

  test('active is the machine that DOCKER_HOST names', async () => {
    const DOCKER_HOST = `tcp://${await address()}:2376`;
    expect((await store().tmachine(['active'], { env: { DOCKER_HOST } })).stdout).toBe('myhost\n');
    expect((await store().tmachine(['active'])).exitCode).toBe(1);
  });
}

/** The program is called as it was. */
function nameless(text: string): string {
  return text.replace(/& \S+ env/, '& PROGRAM env');
}
