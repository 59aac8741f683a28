import { syntaxError } from './refusal.js';

/**
 * Reads a verb's options: `--name value` or `--name=value`.
 *
 * @param {string} verb whose usage follows an error
 * @param {readonly string[]} args
 * @param {Record<string, string>} known each option (without dashes) and the name of its value, `!name` for one without value
 * @returns {{ values: Record<string, string | true>, rest: string[] }}
 */
export function readOptions(verb, args, known) {
  const values = {};
  const rest = [];
  for (let i = 0; i < args.length; i++) {
    if (!args[i].startsWith('-')) {
      rest.push(args[i]);
      continue;
    }
    const { name, value } = splitOption(args[i]);
    const target = known[name];
    if (target === undefined) throw unknownOption(args[i], verb);
    if (target.startsWith('!')) values[target.slice(1)] = true;
    else values[target] = value ?? args[++i];
  }
  return { values, rest };
}

/** `--name=value` taken apart; the name has no dashes in front and is in lower case. */
export function splitOption(arg) {
  const [, name, value] = /^-{1,2}([^=]*)(?:=(.*))?$/s.exec(arg);
  return { name: name.toLowerCase(), value };
}

/** The error of an option that a verb does not know. */
export function unknownOption(arg, verb) {
  // This one verb says it twice.
  const more = verb === 'modifyvm' ? { code: 1, repeats: true } : {};
  return syntaxError(`Unknown option: ${arg}`, verb, { ...more, tight: true });
}
