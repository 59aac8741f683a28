import type { GobInterface, TypedValue } from './gob/gob-value.ts';
import { basic } from './gob/wire-type.ts';
import { sent } from './sent-types.ts';

/** Values of flags by their names; numbers are whole. */
export type PluginFlagValues = Readonly<Record<string, number | string | boolean | readonly string[]>>;

/** What docker-machine's type of flag values is called in 0.5.1 and later, and was called before. */
type FlagsTypeName = 'RPCFlags' | 'RpcFlags';

/** The argument of `SetConfigFromFlags`: docker-machine's `drivers.DriverOptions`, an interface with `rpcdriver.RPCFlags` in it. */
export function formatFlagValues(values: PluginFlagValues, typeName: FlagsTypeName = 'RPCFlags'): TypedValue {
  const map = new Map(Object.entries(values).map(([name, value]) => [name, formatValue(value)]));
  const flags = { concrete: `*rpcdriver.${typeName}`, type: sent.flags, value: { fields: { Values: map } } };
  return { type: basic.interface, value: flags };
}

function formatValue(value: PluginFlagValues[string]): GobInterface {
  switch (typeof value) {
    case 'number':
      return { concrete: 'int', type: basic.int, value };
    case 'string':
      return { concrete: 'string', type: basic.string, value };
    case 'boolean':
      return { concrete: 'bool', type: basic.bool, value };
    default:
      return { concrete: '[]string', type: sent.list, value };
  }
}
