import { join } from 'node:path';
import { dhcpLines } from './dhcp-lines.js';
import { adapterLines } from './hostonly.js';
import { hostOnlyNetLines } from './hostonlynet.js';
import { humanLines } from './human-lines.js';
import { isLive } from './locks.js';
import { machineLines } from './machine-lines.js';
import { mediumLines } from './media.js';
import { recorded } from './recorded.js';
import { Refusal, syntaxError } from './refusal.js';
import { claimedVersion, isAtLeast } from './versions.js';

const lists = {
  vms: (call, long) => vmLines(call, long, () => true),
  runningvms: (call, long) => vmLines(call, long, ({ machine }) => machine !== undefined && isLive(machine)),
  hostonlyifs: adapterLines,
  dhcpservers: dhcpLines,
  hdds: (call, long) => media(call, 'hdd', long),
  dvds: (call, long) => media(call, 'dvd', long),
  hostinfo: hostInfoLines,
  systemproperties: propertyLines,
  ...Object.fromEntries(['natnets', 'intnets', 'bridgedifs', 'floppies', 'usbfilters'].map((name) => [name, () => []])),
  groups: () => ['"/"'],
  extpacks: () => ['Extension Packs: 0'],
};

/** `list`: the last kind named, or with `--multiple` each under a heading. */
export function list(call) {
  const isOption = (word) => word.startsWith('-');
  const options = call.args.filter(isOption);
  const kinds = call.args.filter((word) => !isOption(word));
  const long = options.some((word) => word === '-l' || word === '--long');
  if (kinds.length === 0) throw new Refusal([], { code: 1, usage: 'list' });
  for (const kind of kinds) checkKind(call, kind);
  if (!options.some((word) => word === '-m' || word === '--multiple')) {
    return print(call, listLines(call, kinds.at(-1), long));
  }
  const blocks = kinds.map((kind) => [`[${kind}]`, ...listLines(call, kind, long)]);
  print(
    call,
    blocks.flatMap((block, i) => (i === 0 ? block : ['', ...block])),
  );
}

function checkKind({ env }, kind) {
  if (kind in lists || (kind === 'hostonlynets' && env.FAKE_VBOX_PLATFORM === 'darwin')) return;
  throw syntaxError(`Unknown subcommand "${kind}".`, 'list');
}

function listLines(call, kind, long) {
  return kind === 'hostonlynets' ? hostOnlyNetLines(call) : lists[kind](call, long);
}

/** What older versions do not print of a machine. */
const newLines = [
  { since: '7.1.0', line: /^(platformArchitecture=|Platform Architecture:)/ },
  { since: '7.0.0', line: /^(encryption=|Encryption:)/ },
];

function print(call, all) {
  const unknown = newLines.filter(({ since }) => !isAtLeast(call.env, since));
  const lines = all.filter((text) => !unknown.some(({ line }) => line.test(text)));
  for (const line of lines) call.out.line(line);
}

function vmLines(call, long, chosen) {
  return call.machines.entries.filter(chosen).flatMap((entry) => {
    const { uuid, file, machine } = entry;
    if (!long) return [`"${machine?.name ?? '<inaccessible>'}" {${uuid}}`];
    return machine === undefined ? inaccessibleLines(call, entry) : [...humanLines(file, machine), ''];
  });
}

function inaccessibleLines(call, { uuid, file }) {
  const source = '/build/reproducible-path/virtualbox-7.2.22-dfsg/src/VBox/Main/src-server/MachineImpl.cpp[999]';
  for (const text of [
    `Runtime error opening '${file}' for reading VERR_FILE_NOT_FOUND (File not found.).`,
    `${source} (nsresult Machine::i_registeredInit())`,
    'Details: code NS_ERROR_FAILURE (0x80004005), component MachineWrap, interface IMachine',
  ]) {
    call.out.note(`error: ${text}`);
  }
  return [
    ...['Name:            <inaccessible!>', `UUID:            ${uuid}`, `Config file:     ${file}`],
    ...['Encryption:     disabled', 'Access error details:', ''],
  ];
}

function media(call, kind, long) {
  const { media: all } = call.home.settings;
  return all.filter((medium) => medium.kind === kind).flatMap((medium) => [...mediumLines(call, medium, long), '']);
}

/** The recorded computer, with hardware virtualization unless FAKE_VBOX_HWVIRT=no. */
function hostInfoLines({ env }) {
  const yes = env.FAKE_VBOX_HWVIRT === 'no' ? 'no' : 'yes';
  const text = recordedText('153-').replace(/(Host time: ).*/, `$1${new Date().toISOString().replace('Z', '000000Z')}`);
  const kinds = 'HW virtualization|nested paging|unrestricted guest';
  return text.replace(new RegExp(`(Processor supports (?:${kinds}): ).*`, 'g'), `$1${yes}`).split('\n');
}

function propertyLines({ env }) {
  const [major, minor] = claimedVersion(env).split('.');
  const text = recordedText('154-').replace('7_2', `${major}_${minor}`);
  return text.replace(/(Default machine folder: +).*/, `$1${join(env.HOME ?? '/', 'VirtualBox VMs')}`).split('\n');
}

function recordedText(start) {
  return recorded(start).stdout.replace(/\n$/, '');
}

/** `showvminfo VM [--machinereadable]`. */
export function showVmInfo(call) {
  const which = call.args.find((word) => !word.startsWith('-'));
  if (call.args.length === 0) throw new Refusal([], { code: 1, usage: 'showvminfo' });
  if (which === undefined) throw syntaxError('VM name or UUID required', 'showvminfo');
  const find = 'FindMachine(Bstr(VMNameOrUuid).raw(), machine.asOutParam()) at 3248 of VBoxManageInfo.cpp';
  const locking = 'LockMachine(a->session, LockType_Shared) at 3328 of VBoxManageInfo.cpp';
  const { file, machine } = call.machines.find(which, find, locking);
  const stray = call.args.filter((word) => !word.startsWith('-'))[1];
  if (stray !== undefined) throw syntaxError(`Invalid parameter '${stray}'`, 'showvminfo');
  const plain = call.args.includes('--machinereadable');
  print(call, plain ? machineLines(file, machine) : [...humanLines(file, machine), '']);
}
