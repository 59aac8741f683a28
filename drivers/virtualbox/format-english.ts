import { labels, sentences, values } from './russian-words.ts';

/**
 * An answer of VBoxManage in the English words that we read. Names, paths, and what is English already stay as they are. What other languages
 * VirtualBox knows are those of its service, whose failures have codes.
 */
export function formatEnglish(answer: string): string {
  if (!/[а-яё]/i.test(answer)) return answer;
  const translated = sentences.reduce((text, [russian, english]) => text.replaceAll(russian, english), answer);
  const isLease = /^MAC адрес:/m.test(translated);
  return translated.replaceAll(/^( *)([^:\n]*[а-яё][^:\n]*|GUID|DHCP):( *)(.*)$/gim, (_, indent, label, gap, value) => {
    const english = isLease && label === 'IP адрес' ? 'IP Address' : (labels.get(label) ?? label);
    return `${indent}${english}:${gap}${formatValue(value)}`;
  });
}

function formatValue(value: string): string {
  const [, state, since] = /^(.*) \(с (\d{4}-\S*)\)\s*$/.exec(value) ?? [];
  if (state !== undefined) return `${values.get(state) ?? state} (since ${since})`;
  return values.get(value.trimEnd()) ?? value;
}
