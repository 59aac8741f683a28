import { recorded } from './recorded.js';

/** The recording in which the real program prints a verb's usage. */
const sources = {
  '': '116-',
  list: '004-',
  createvm: '026-',
  modifyvm: '113-',
  controlvm: '311-',
};

/** The banner ahead of every usage. */
export function banner(version) {
  const number = version.replace(/r\d+$/, '');
  const year = new Date().getUTCFullYear();
  return [
    `Oracle VirtualBox Command Line Management Interface Version ${number}`,
    `Copyright (C) 2005-${year} Oracle and/or its affiliates`,
    '',
  ];
}

/** A verb's usage as the real program has printed it in the recordings, or its first line where none shows it. */
export function usage(verb) {
  if (sources[verb] === undefined) return `Usage:\n\n  VBoxManage ${verb}\n`;
  const { stdout, stderr } = recorded(sources[verb]);
  const text = `${stdout}${stderr}`;
  return text
    .slice(text.indexOf('Usage - '))
    .replace(/\nVBoxManage: error: .*\n$/s, '\n')
    .trimEnd();
}
