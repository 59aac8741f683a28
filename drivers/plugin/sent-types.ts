import { basic, type WireType } from './gob/wire-type.ts';

/** Our numbers for the types of what is sent to a plugin. */
export const sent = { request: 65, nothing: 66, flags: 67, flagValues: 68, list: 69 } as const;

/** Go's `rpc.Request`, its `struct{}`, and docker-machine's `rpcdriver.RPCFlags` with what is in it. */
export const sentTypes: ReadonlyMap<number, WireType> = new Map<number, WireType>([
  [
    sent.request,
    {
      kind: 'struct',
      name: 'Request',
      fields: [
        { name: 'ServiceMethod', type: basic.string },
        { name: 'Seq', type: basic.uint },
      ],
    },
  ],
  [sent.nothing, { kind: 'struct', name: '', fields: [] }],
  [sent.flags, { kind: 'struct', name: 'RPCFlags', fields: [{ name: 'Values', type: sent.flagValues }] }],
  [sent.flagValues, { kind: 'map', key: basic.string, element: basic.interface }],
  [sent.list, { kind: 'slice', element: basic.string }],
]);
