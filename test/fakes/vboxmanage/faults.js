import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJson, userHome, withHomeLock, writeJson } from './home.js';

/**
 * What goes wrong, from FAKE_VBOX_FAULTS: a JSON array (or the name of a file with one) of
 * `{ match, skip?, times?, then?, delay?, hang?, die?, stdout?, stderr?, code? }`.
 *
 * - `match`: a regular expression that the words of the call must fit
 * - `skip`, `times`: leaves the first calls alone; ends after so many (1 unless told; 0: never ends)
 * - `after`: does what was asked first
 * - `hang` (never ends), `die` (killed, as if by someone else), `delay` (milliseconds)
 * - `stdout`, `stderr`, `code`: the answer instead (or, with `after`, besides)
 */
function readFaults(env) {
  const text = env.FAKE_VBOX_FAULTS;
  if (!text) return [];
  return JSON.parse(text.trimStart().startsWith('[') ? text : readFileSync(text, 'utf8'));
}

/** Strikes before a call; the exit status where nothing else is done. */
export async function beforeCall(argv, env, out) {
  const fault = await chooseFault(argv, env, false);
  if (fault === undefined) return undefined;
  await strike(fault);
  if (fault.code === undefined && fault.stdout === undefined && fault.stderr === undefined) return undefined;
  return speak(fault, out) ?? 0;
}

/** Strikes after a call has done its work; the exit status. */
export async function afterCall(argv, env, { out, code }) {
  const fault = await chooseFault(argv, env, true);
  if (fault === undefined) return code;
  await strike(fault);
  return speak(fault, out) ?? code;
}

function speak({ stdout = '', stderr = '', code }, out) {
  out.stdout += stdout;
  out.stderr += stderr;
  return code;
}

async function strike({ delay, hang, die }) {
  if (delay !== undefined) await new Promise((resolve) => setTimeout(resolve, delay));
  if (die) process.kill(process.pid, 'SIGKILL');
  // A timer keeps the process alive where a promise alone would not.
  if (hang) await new Promise(() => setInterval(() => {}, 1 << 30));
}

/** The first fault that fits and whose turn it is; the turns are counted in the settings folder. */
async function chooseFault(argv, env, after) {
  const words = argv.join(' ');
  const fits = (fault) => (fault.after ?? false) === after && new RegExp(fault.match).test(words);
  const faults = readFaults(env)
    .map((fault, i) => ({ fault, i }))
    .filter(({ fault }) => fits(fault));
  if (faults.length === 0) return undefined;
  return withHomeLock(userHome(env), () => {
    const file = join(userHome(env), 'faults.json');
    const counts = readJson(file, () => ({}));
    const isDue = ({ fault: { skip = 0, times = 1 }, i }) => {
      const key = `${i} ${faults.find((known) => known.i === i).fault.match}`;
      counts[key] = (counts[key] ?? 0) + 1;
      return counts[key] > skip && (times === 0 || counts[key] <= skip + times);
    };
    const due = faults.filter(isDue)[0];
    writeJson(file, counts);
    return due?.fault;
  });
}
