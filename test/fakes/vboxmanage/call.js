import { logCall } from './call-log.js';
import { afterCall, beforeCall } from './faults.js';
import { openHome, userHome, withHomeLock } from './home.js';
import { Machines } from './machines.js';
import { Output } from './output.js';
import { printRefusal } from './print-refusal.js';
import { joinRace } from './races.js';
import { Refusal } from './refusal.js';
import { settle } from './settle.js';
import { verbs } from './verbs.js';
import { claimedVersion } from './versions.js';

/**
 * One call of VBoxManage.
 *
 * @param {{ argv: readonly string[], env: Record<string, string | undefined>, input: number }} asked `input`: a file
 *   descriptor to read standard input from
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>}
 */
export async function callVBoxManage({ argv, env, input }) {
  const started = Date.now();
  const out = new Output();
  if (!isTranslatable(argv, env)) {
    return { code: 3, stdout: '', stderr: 'VBoxManage: fatal error: RTR3Init: VERR_NO_TRANSLATION\n' };
  }
  const fault = await beforeCall(argv, env, out);
  const code = fault ?? (await answer({ argv, env, input, out }));
  const status = await afterCall(argv, env, { out, code });
  logCall(env, { started, status, argv });
  return { code: status, ...printed(env, out) };
}

/** The real program does not even begin with letters beyond ASCII in a locale without them. */
function isTranslatable(argv, env) {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || 'C';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is about all of ASCII
  return /utf-?8/i.test(locale) || argv.every((word) => /^[\x00-\x7f]*$/.test(word));
}

async function answer({ argv, env, input, out }) {
  try {
    const [verb, ...args] = argv.filter((word) => !['-q', '--nologo'].includes(word));
    if (['--version', '-v', '-V'].includes(verb)) {
      out.line(claimedVersion(env));
      return 0;
    }
    await perform({ verb, args, env, input, out });
    return 0;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    printRefusal(error, env, out);
    return error.code;
  }
}

async function perform({ verb, args, ...rest }) {
  const { env } = rest;
  if (verb === undefined || verb === '--help' || verb === 'help')
    throw new Refusal([], { code: 0, usage: '', toStdout: true });
  const action = verbs(env)[verb];
  if (action === undefined) throw new Refusal([`Invalid command '${verb}'`], { code: 2, usage: '', repeats: true });
  const race = joinRace(env, verb, args);
  try {
    await withHomeLock(userHome(env), async () => {
      const home = openHome(env);
      const machines = new Machines(home);
      settle(machines);
      race.check(machines);
      await action({ args, ...rest, home, machines });
      home.save();
    });
  } finally {
    race.leave();
  }
}

/** As on Windows with FAKE_VBOX_CRLF=1; FAKE_VBOX_WARNING comes first, as VirtualBox warns of missing kernel modules. */
function printed(env, { stdout, stderr }) {
  const warning = env.FAKE_VBOX_WARNING ? `${env.FAKE_VBOX_WARNING}\n` : '';
  const ending = (text) => (env.FAKE_VBOX_CRLF ? text.replaceAll('\n', '\r\n') : text);
  return { stdout: ending(warning + stdout), stderr: ending(stderr) };
}
