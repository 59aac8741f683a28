import { banner, usage } from './usage.js';
import { claimedVersion } from './versions.js';

/** Prints why a call was refused, as VBoxManage does: the banner and a usage around errors of the command line. */
export function printRefusal(refusal, env, out) {
  const { lines, usage: verb } = refusal;
  if (lines.length === 0) return printUsage(refusal, env, out);
  const errors = lines.map((line) => `VBoxManage: error: ${line}`).join('\n');
  out.stderr += refusal.before;
  if (verb === undefined) {
    out.stderr += `${errors}\n`;
    return;
  }
  const head = `${banner(claimedVersion(env)).join('\n')}\n${errors}`;
  // A value that cannot be read ends the output in the middle of the line.
  if (verb === 'none') out.stderr += head;
  else out.stderr += `${head}\n${refusal.tight ? '' : '\n'}${usage(verb)}\n${repetition(refusal, errors)}`;
}

function repetition({ repeats }, errors) {
  return repeats ? `\n${errors}\n` : '';
}

function printUsage({ usage: verb }, env, out) {
  if (verb === '') out.stdout += `${banner(claimedVersion(env)).join('\n')}\n`;
  out.stdout += `${usage(verb)}\n`;
}
