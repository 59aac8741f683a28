import { recorded } from './recorded.js';

/** The recording in which the real program prints a verb's usage. */
const sources = { '': '116-', list: '004-', createvm: '026-', modifyvm: '113-', controlvm: '311-' };

/** How the usages of other verbs begin; the rest of them is in the usage of the program as a whole. */
const titles = {
  showvminfo: 'Show configuration information or log file contents for a virtual machine',
  startvm: 'Start a virtual machine',
  storageattach: 'Attach, remove, and modify storage media used by a virtual machine',
  storagectl: 'Manage a storage controller',
  sharedfolder: 'Add and remove shared folders, configure security policy for shared folders',
  unregistervm: 'Unregister a virtual machine',
  convertfromraw: 'Convert a raw disk image to a virtual disk image',
  hostonlyif: 'Manage host-only network interfaces',
  dhcpserver: 'DHCP server management',
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

/** A verb's usage as the real program has printed it in the recordings. */
export function usage(verb) {
  if (sources[verb] === undefined) return partOfWhole(verb);
  const { stdout, stderr } = recorded(sources[verb]);
  const text = `${stdout}${stderr}`;
  return text
    .slice(text.indexOf('Usage - '))
    .replace(/\nVBoxManage: error: .*\n$/s, '\n')
    .trimEnd();
}

/** `verb` may have a subcommand, such as `dhcpserver modify`: then only its usage is told. */
function partOfWhole(verb) {
  const blocks = recorded(sources[''])
    .stdout.split(/\n{2,}/)
    .filter((block) => block.startsWith(`  VBoxManage ${verb} `));
  const head = titles[verb] === undefined ? 'Usage:' : `Usage - ${titles[verb]}:`;
  return [head, ...blocks].join('\n\n');
}
