import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildPlugin } from '../support/build-plugin.ts';
import { describeWith } from '../support/requires.ts';
import { runTmachine, type TmachineCall, type TmachineResult } from '../support/run-tmachine.ts';
import { makeTempStore, type TempStore } from '../support/temp-store.ts';

let folder: string;
let temp: TempStore;

beforeEach(async () => {
  temp = await makeTempStore();
});
afterEach(async () => await temp[Symbol.asyncDispose]());

const cloud = () => join(temp.path, 'fake-cloud');
const config = () => join(temp.path, 'machines', 'dev', 'config.json');

/** Calls with the plugin on PATH; variables of its own say what goes wrong. */
async function call(words: readonly string[], env: Record<string, string> = {}, more: TmachineCall = {}) {
  const path = `${folder}:${process.env['PATH']}`;
  return await runTmachine(words, { ...more, env: { ...temp.env, PATH: path, FAKE_PLUGIN_CLOUD: cloud(), ...env } });
}

const create = ['create', '-d', 'fake', '--fake-ip', '127.0.0.9', 'dev'];

async function createBroken(fault: string, ...words: string[]): Promise<TmachineResult> {
  return await call([...create, ...words], { FAKE_PLUGIN_FAULTS: fault });
}

/** Nothing is left, in the store and in the plugin's cloud. */
async function expectNothing(): Promise<void> {
  expect(existsSync(join(temp.path, 'machines', 'dev'))).toBe(false);
  expect(existsSync(cloud()) ? await readdir(cloud()) : []).toEqual([]);
}

/** A machine whose plugin has made it, though no engine runs in it. */
async function made(): Promise<string> {
  const { stderr } = await createBroken('GetSSHHostname=error:no SSH here', '--keep-on-failure');
  expect(stderr).toContain('no SSH here');
  return await readFile(config(), 'utf8');
}

describeWith(['go'], 'a plugin of docker-machine', () => {
  beforeAll(async () => {
    folder = await buildPlugin();
  }, 120_000);

  describe('create', () => {
    test('help shows the options the plugin has', async () => {
      const { exitCode, stdout } = await call(['create', '-d', 'fake', '--help']);
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/^ +--fake-ip TEXT +.*\(default: 127\.0\.0\.1\)/m);
      expect(stdout).toMatch(/^ +--fake-memory NUMBER/m);
      expect(stdout).toContain('--fake-insecure');
    });

    test('an unknown option and a value of the wrong kind are refused as those of built-in drivers', async () => {
      expect((await call([...create, '--fake-nonsense'])).stderr).toContain('fake-nonsense');
      const { exitCode, stderr } = await call([...create, '--fake-memory', 'much']);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining('Invalid value "much" for --fake-memory')]);
      await expectNothing();
    });

    test('the plugin judges values and checks before anything is made, with exit status 3', async () => {
      const { exitCode, stderr } = await call([...create, '--fake-memory', '32']);
      expect([exitCode, stderr]).toEqual([3, expect.stringMatching(/Error with pre-create check: ".*memory/)]);
      expect((await call([...create, '--fake-zone', 'nowhere'])).stderr).toContain('nowhere');
      await expectNothing();
    });

    test('what the plugin says is the story; what its standard error says is for --debug', async () => {
      const { stderr } = await createBroken('PreCreateCheck=print:Looking at the cloud;PreCreateCheck=error:no');
      expect(stderr).toMatch(/^Looking at the cloud$/m);
      const chatty = { FAKE_PLUGIN_CHATTER: '2', FAKE_PLUGIN_FAULTS: 'PreCreateCheck=error:no' };
      expect((await call(create, chatty)).stderr).not.toContain('DBG |');
      expect((await call(['--debug', ...create], chatty)).stderr).toMatch(/^DBG \| \S/m);
    });

    test.each([
      ['Create=error:the cloud is full', /^the cloud is full$/m],
      [
        'Create=crash',
        /The plugin ".*docker-machine-driver-fake" ended with exit status 2 during Create; it said last:\n/,
      ],
      ['create-begun=exit', /ended with exit status 4 during Create/],
    ])('a creation that fails is undone: %s', async (fault, message) => {
      const { exitCode, stderr } = await createBroken(fault);
      expect([exitCode, stderr]).toEqual([1, expect.stringMatching(message)]);
      await expectNothing();
    });

    test('Ctrl-C in the middle removes what the plugin had begun', async () => {
      const { exitCode } = await call(
        create,
        { FAKE_PLUGIN_FAULTS: 'create-begun=hang' },
        {
          onStart: async (child) => {
            while (!existsSync(cloud()) || (await readdir(cloud())).length === 0) await sleep(50);
            await sleep(1500);
            child.kill('SIGINT');
          },
        },
      );
      expect(exitCode).toBe(130);
      await expectNothing();
    });

    test('what was begun is known after kill -9, and rm removes it', async () => {
      await call(
        create,
        { FAKE_PLUGIN_FAULTS: 'create-begun=hang', FAKE_PLUGIN_HEARTBEAT_MS: '6000' },
        {
          onStart: async (child) => {
            while (!existsSync(cloud()) || (await readdir(cloud())).length === 0) await sleep(50);
            await sleep(2500);
            child.kill('SIGKILL');
          },
        },
      );
      expect(JSON.parse(await readFile(config(), 'utf8')).Driver).not.toHaveProperty('CreateFlags');
      expect(await call(['rm', '-y', '-f', 'dev'])).toMatchObject({ exitCode: 0 });
      await expectNothing();
    });
  });

  describe('a plugin that is broken', () => {
    test.each([
      [{ FAKE_PLUGIN_VERSION: '2' }, /^Driver binary uses an incompatible API version \(2\)$/m],
      [{ FAKE_PLUGIN_START: 'garbage' }, /said ".+" instead of where it listens/],
      [{ FAKE_PLUGIN_START: 'exit' }, /ended with exit status 3 before it said where it listens; it said last:\n/],
    ])('%o', async (env, message) => {
      const { exitCode, stderr } = await call(create, env);
      expect([exitCode, stderr]).toEqual([1, expect.stringMatching(message)]);
      await expectNothing();
    });

    test.each(['', '{', '[1]', 'null'])('that keeps "%s" for its data is named, and nothing is lost', async (json) => {
      const named = expect.stringMatching(/docker-machine-driver-fake\W+keeps no JSON object about its machine/);
      expect(await call(create, { FAKE_PLUGIN_JSON: json })).toMatchObject({ exitCode: 3, stderr: named });
      await expectNothing();
      const before = await made();
      expect(await call(['stop', 'dev'], { FAKE_PLUGIN_JSON: json })).toMatchObject({ exitCode: 1, stderr: named });
      expect(await readFile(config(), 'utf8')).toBe(before);
    });

    test('that says nothing is not waited for any longer than docker-machine does', { timeout: 30_000 }, async () => {
      const { stderr } = await call(create, { FAKE_PLUGIN_START: 'silent' });
      expect(stderr).toContain('did not say where it listens within 10 s');
    });

    test('that is missing is named, and its machines do not hide the others', async () => {
      await made();
      await temp.add('other', 'none', { IPAddress: '127.0.0.1:1', URL: 'tcp://127.0.0.1:1' });
      const gone = { PATH: process.env['PATH'] ?? '' };
      expect((await call(['status', 'dev'], gone)).stderr).toBe(
        'Driver "fake" not found. Do you have the plugin binary "docker-machine-driver-fake" accessible in your PATH?\n' +
          'Try: built in are: virtualbox, qemu, generic, none\n',
      );
      const { stdout } = await call(['ls', '-f', '{{.Name}} {{.DriverName}} {{.State}}'], gone);
      expect(stdout).toBe('dev fake Error\nother none Stopped\n');
    });
  });

  describe('a stored machine', () => {
    test('is asked about, stopped and removed through the plugin', async () => {
      await made();
      const ask = async (...words: string[]) => {
        const { exitCode, stdout, stderr } = await call(words);
        expect(exitCode, stderr).toBe(0);
        return stdout;
      };
      expect(await ask('status', 'dev')).toBe('Running\n');
      expect(await ask('ls', '-f', '{{.DriverName}} {{.State}} {{.URL}}')).toBe('fake Running tcp://127.0.0.9:2376\n');
      expect(await ask('inspect', '-f', '{{.DriverName}} {{.Driver.IPAddress}}', 'dev')).toContain('fake ');
      await ask('kill', 'dev');
      expect(await ask('status', 'dev')).toBe('Stopped\n');
      expect((await call(['url', 'dev'])).stderr).toContain('Host is not running');
      await ask('rm', '-y', 'dev');
      await expectNothing();
    });

    test('keeps what its plugin wrote, digit by digit', async () => {
      const before = await made();
      expect(before).toMatch(/: \d{17,}/);
      expect(before).toContain('\\u003c');
      expect(JSON.parse(before).Driver).not.toHaveProperty('CreateFlags');
      await call(['status', 'dev']);
      await call(['stop', 'dev']);
      const after = await readFile(config(), 'utf8');
      const keys = (text: string) => [...text.matchAll(/^ {8}("[^"]+"):/gm)].map(([, key]) => key);
      expect(keys(after)).toEqual(keys(before));
      expect(after.match(/: \d{17,}/g)).toEqual(before.match(/: \d{17,}/g));
    });

    test('with an older plugin', async () => {
      await made();
      expect(await call(['status', 'dev'], { FAKE_PLUGIN_SERVICE: 'old' })).toMatchObject({ stdout: 'Running\n' });
    });

    test('says what its plugin says', async () => {
      await made();
      const refused = await call(['stop', 'dev'], { FAKE_PLUGIN_FAULTS: 'Stop=error:the cloud is closed today' });
      expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('the cloud is closed today') });
      const kept = await call(['rm', '-y', 'dev'], { FAKE_PLUGIN_FAULTS: 'Remove=error:it is locked' });
      expect(kept).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('it is locked') });
      expect(existsSync(config())).toBe(true);
      await writeFile(config(), (await readFile(config(), 'utf8')).replace('"fake"', '"none"'));
    });
  });
});
