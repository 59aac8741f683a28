import { type GobValue, isInterface, isList, isStruct } from './gob/gob-value.ts';

/** A flag of `create` that a plugin has; `value` is its default. */
export interface PluginFlag {
  readonly kind: 'int' | 'string' | 'list' | 'bool';
  readonly name: string;
  readonly usage: string;
  /** The variable that a value is taken from, if any. */
  readonly envVar: string;
  readonly value: number | string | readonly string[] | boolean;
}

/** docker-machine's types of flags, and the values they have when none is sent. */
const flagTypes: Readonly<Record<string, Pick<PluginFlag, 'kind' | 'value'>>> = {
  '*mcnflag.IntFlag': { kind: 'int', value: 0 },
  '*mcnflag.StringFlag': { kind: 'string', value: '' },
  '*mcnflag.StringSliceFlag': { kind: 'list', value: [] },
  '*mcnflag.BoolFlag': { kind: 'bool', value: false },
};

/** The flags in an answer to `GetCreateFlags`; nothing when it is no list of flags. */
export function parsePluginFlags(answer: GobValue): readonly PluginFlag[] | undefined {
  if (!isList(answer)) return undefined;
  const flags = answer.map(parseFlag).filter((flag) => flag !== undefined);
  return flags.length === answer.length ? flags : undefined;
}

function parseFlag(value: GobValue): PluginFlag | undefined {
  if (!isInterface(value) || !isStruct(value.value) || !Object.hasOwn(flagTypes, value.concrete)) return undefined;
  const type = flagTypes[value.concrete];
  const { Name: name, Usage: usage = '', EnvVar: envVar = '', Value: sent = type?.value } = value.value.fields;
  if (type === undefined || typeof name !== 'string' || typeof usage !== 'string' || typeof envVar !== 'string')
    return undefined;
  if (type.kind === 'list' ? !isTexts(sent) : typeof sent !== typeof type.value) return undefined;
  return { kind: type.kind, name, usage, envVar, value: sent as PluginFlag['value'] };
}

function isTexts(value: GobValue | undefined): value is readonly string[] {
  return isList(value) && value.every((each) => typeof each === 'string');
}
