import { GobError } from './gob-error.ts';
import { type GobStruct, type GobValue, isList, isStruct } from './gob-value.ts';
import type { WireType } from './wire-type.ts';

/** A type from its definition on the wire, which is a value of Go's `wireType`: a struct with one of its fields set. */
export function parseDefinition(value: GobValue): WireType {
  const [[kind, body] = ['nothing', null], ...others] = isStruct(value) ? Object.entries(value.fields) : [];
  if (others.length > 0 || !isStruct(body)) throw new GobError('a definition defines not one type');
  const name = textOf(fieldsOf(body.fields['CommonType'])['Name']);
  const number = (field: string): number => numberOf(body.fields[field]);
  switch (kind) {
    case 'ArrayT':
      return { kind: 'array', element: number('Elem'), length: number('Len') };
    case 'SliceT':
      return { kind: 'slice', element: number('Elem') };
    case 'MapT':
      return { kind: 'map', key: number('Key'), element: number('Elem') };
    case 'StructT':
      return { kind: 'struct', name, fields: parseFields(body.fields['Field'] ?? []) };
    default:
      return { kind: 'opaque', name };
  }
}

/** The opposite of `parseDefinition`. */
export function formatDefinition(type: WireType, id: number): GobStruct {
  const common = (name = '') => ({ CommonType: { fields: { Name: name, Id: id } } });
  switch (type.kind) {
    case 'slice':
      return oneOf('SliceT', { ...common(), Elem: type.element });
    case 'map':
      return oneOf('MapT', { ...common(), Key: type.key, Elem: type.element });
    case 'struct':
      return oneOf('StructT', {
        ...common(type.name),
        Field: type.fields.map((field) => ({ fields: { Name: field.name, Id: field.type } })),
      });
    default:
      throw new GobError(`there is no need to define a type of the kind "${type.kind}"`);
  }
}

function oneOf(kind: string, fields: GobStruct['fields']): GobStruct {
  return { fields: { [kind]: { fields } } };
}

function parseFields(value: GobValue): readonly { readonly name: string; readonly type: number }[] {
  if (!isList(value)) throw new GobError('a definition has fields that are no list');
  return value.map(fieldsOf).map((field) => ({ name: textOf(field['Name']), type: numberOf(field['Id']) }));
}

function fieldsOf(value: GobValue | undefined): GobStruct['fields'] {
  return isStruct(value) ? value.fields : {};
}

function textOf(value: GobValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

function numberOf(value: GobValue | undefined): number {
  return typeof value === 'number' ? value : 0;
}
