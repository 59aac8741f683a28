import { appendFileSync } from 'node:fs';

/** Appends a call to the file of VBOXLAB_LOG: time, seconds, exit status, arguments, as the lab writes them. */
export function logCall(env, { started, status, argv }) {
  if (!env.VBOXLAB_LOG) return;
  const time = new Date().toISOString().replace('Z', '');
  const seconds = ((Date.now() - started) / 1000).toFixed(3);
  appendFileSync(env.VBOXLAB_LOG, `${time} ${seconds} ${status} ${argv.map(quote).join(' ')}\n`);
}

/** A word as a shell takes it. */
function quote(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}
