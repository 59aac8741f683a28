import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type SshHost, startAgent, startSshHost } from '../support/generic-bench.ts';
import { startGuestServer } from '../support/guest-server.ts';
import { describeWith } from '../support/requires.ts';
import { runTmachine, type TmachineResult } from '../support/run-tmachine.ts';
import { makeTempStore, type TempStore } from '../support/temp-store.ts';

let temp: TempStore;
let host: SshHost;

beforeEach(async () => {
  [temp, host] = [await makeTempStore(), await startSshHost(startGuestServer)];
});
afterEach(async () => {
  await host[Symbol.asyncDispose]();
  await temp[Symbol.asyncDispose]();
});

const create = async (words: readonly string[], env: Record<string, string> = {}): Promise<TmachineResult> =>
  await runTmachine(['create', '-d', 'generic', ...words, 'dev'], { env: { ...temp.env, ...env } });
const where = (): readonly string[] => [
  ...['--generic-ip-address', host.server.host, '--generic-ssh-port', String(host.server.port)],
  ...['--generic-ssh-user', host.server.user],
];

describe('create -d generic', () => {
  test('wants an address', async () => {
    expect(await create([])).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringContaining('generic driver requires the --generic-ip-address option\nTry: '),
    });
  });

  test('help shows its flags and variables', async () => {
    const { stdout } = await runTmachine(['help', 'create', '-d', 'generic'], { env: temp.env });
    expect(stdout).toMatch(/^ +--generic-ssh-port NUMBER +[^-]*\(default: 22\)\s+\[\$GENERIC_SSH_PORT\]$/m);
  });

  test('ends with 3 and leaves nothing where the host will not do', async () => {
    await host.program('id', 'echo 1000');
    await host.program('sudo', 'echo no >&2; exit 1');
    const { exitCode, stderr } = await create([...where(), '--generic-ssh-key', host.key]);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('Error with pre-create check: "docker@127.0.0.1 cannot become root: no"\nTry: allow it');
    expect(await temp.store.names()).toEqual([]);
  });

  test('of a distribution that is not known takes everything back', async () => {
    await host.program('id', 'echo 0');
    await host.program('cat', 'echo ID=plan9');
    const { exitCode, stderr } = await create([...where(), '--generic-ssh-key', host.key]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      `Trusting the SSH host key of 127.0.0.1:${host.server.port} from now on: ${host.fingerprint}`,
    );
    expect(stderr).toContain('its distribution "plan9" is not known');
    expect(await temp.store.names()).toEqual([]);
  });
});

describeWith(['ssh-agent', 'ssh-add'], 'create -d generic without a key', () => {
  test("logs in by the user's agent", async () => {
    await host.program('uname', 'echo Minix');
    await using agent = await startAgent(host.key);
    expect((await create(where(), { SSH_AUTH_SOCK: agent.socket })).stderr).toContain('is no Linux: Minix');
    expect((await create(where())).stderr).toContain('no key was named, no SSH agent runs');
  });
});
