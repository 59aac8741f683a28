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

/** Reads `list --long vms`: the name, UUID, settings file and state of every VM. */
export function parseLongVmList(text: string): readonly ListedVmState[] {
  return text
    .replaceAll('\r\n', '\n')
    .split(/^(?=Name: {2,})/m)
    .flatMap((block) => {
      const field = (label: string): string | undefined =>
        new RegExp(`^${label}: +(.*)$`, 'm').exec(block)?.[1]?.trimEnd();
      const uuid = field('UUID');
      if (uuid === undefined) return [];
      const name = field('Name') ?? '';
      const state = field('State');
      return {
        name,
        uuid,
        state: state === undefined ? ('inaccessible' as const) : parseVmState(state),
        configFile: field('Config file'),
      };
    });
}
