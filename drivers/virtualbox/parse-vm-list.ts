import { parseVmState, type VmState } from './parse-vm-state.ts';

/** A VM as VirtualBox lists it. */
export interface ListedVm {
  readonly name: string;
  readonly uuid: string;
}

/** A VM with its state, from a long listing. */
export interface ListedVmState extends ListedVm {
  readonly state: VmState;
  readonly configFile: string | undefined;
}

/** Reads the lines `"NAME" {UUID}` of `list vms` and `list runningvms`. A name may hold quotes and even line ends. */
export function parseVmList(text: string): readonly ListedVm[] {
  const entry = /^"([\s\S]*?)" \{([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})\}$/gim;
  return [...text.replaceAll('\r\n', '\n').matchAll(entry)].map(([, name, uuid]) => ({
    name: name ?? '',
    uuid: uuid ?? '',
  }));
}

/**
 * Reads `list --long vms`, and the sections of `list --long --multiple`: the identity, settings file and state of every VM, in their order.
 * A VM that is in two sections is there twice. In another language than English the state is `unknown`.
 */
export function parseLongVmList(text: string): readonly ListedVmState[] {
  const lines = text.replaceAll('\r\n', '\n');
  // Whatever the language calls a name, each VM begins with that word. Names of other things, such as shared folders, are not set apart.
  const label = /^(\S[^:\n]*): {2,}\S.*\n(?:.*\n){0,6}?\S[^:\n]*: +[\da-f]{8}-[\da-f-]{27}$/im.exec(lines)?.[1];
  if (label === undefined) return [];
  return lines
    .split(new RegExp(`^(?=${escapePattern(label)}: {2,})`, 'm'))
    .map((block) => block.split('\n').map(splitLine))
    .flatMap((fields) => readVm(fields) ?? []);
}

type Line = readonly [label: string, value: string];

function splitLine(line: string): Line {
  const [, label, value] = /^([^:]*): +(.*?)\s*$/.exec(line) ?? [];
  return [label ?? '', value ?? ''];
}

function readVm(lines: readonly Line[]): ListedVmState | undefined {
  const name = lines[0]?.[1] ?? '';
  const uuid = lines.find(([, value]) => /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value))?.[1];
  if (uuid === undefined) return undefined;
  const configFile = lines.find(([, value]) => value.endsWith('.vbox'))?.[1];
  if (name.startsWith('<inaccessible')) return { name, uuid, configFile, state: 'inaccessible' };
  const state = lines.find(([, value]) => / \(.*\d{4}-\d\d-\d\dT[\d:.]+\)$/.test(value))?.[1];
  return { name, uuid, configFile, state: parseVmState(state ?? '') };
}

function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
