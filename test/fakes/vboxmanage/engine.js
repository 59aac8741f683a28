import { qemuEngine } from './engine-qemu.js';

/** Runs nothing: a machine is in the state that was asked for. */
const noEngine = {
  start: async () => ({}),
  powerOff: async () => {},
  pressPower: async (call, { machine }) => {
    const wait = Number(call.env.FAKE_VBOX_ACPI_MS ?? 0);
    // Negative: a guest that does not listen.
    if (wait >= 0) machine.state.offAt = Date.now() + wait;
  },
  pause: async () => {},
  resume: async () => {},
  reset: async () => {},
  save: async () => {},
  addRule: async () => {},
  removeRule: async () => {},
};

/** What executes machines: nothing, or QEMU with FAKE_VBOX_ENGINE=qemu. */
export function engineOf(env) {
  return env.FAKE_VBOX_ENGINE === 'qemu' ? qemuEngine : noEngine;
}
