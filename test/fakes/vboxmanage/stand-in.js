import { rmSync } from 'node:fs';
import { setState } from './controlvm.js';
import { Refusal } from './refusal.js';

/**
 * What happens to a machine without VBoxManage, for tests:
 *
 * - `stand-in state VM aborted|gurumeditation|...`: it is in that state from now on
 * - `stand-in open VM` and `stand-in close VM`: someone has its settings open in VirtualBox's window
 * - `stand-in lose VM`, `stand-in lose-file PATH`: its settings file or another file disappears
 * - `stand-in adapter NAME down|gone`: a host-only adapter loses its address, or is not there after a reboot
 */
export function standIn(call) {
  const [what, which, value] = call.args;
  if (what === 'adapter') return changeAdapter(call, which, value);
  if (what === 'lose-file') return rmSync(which);
  const entry = call.machines.find(which);
  const { machine } = entry;
  if (what === 'lose') return rmSync(entry.file);
  if (what === 'state') setState(machine, value);
  else if (what === 'open') machine.state.open = true;
  else if (what === 'close') delete machine.state.open;
  else throw new Refusal([`stand-in: unknown ${what}`]);
  call.machines.save(entry);
}

function changeAdapter({ home }, which, value) {
  const { host } = home;
  const adapter = host.adapters.find(({ name }) => name === which);
  if (value === 'gone') host.adapters = host.adapters.filter((known) => known !== adapter);
  else if (value === 'down') Object.assign(adapter, { ip: '0.0.0.0', mask: '0.0.0.0', up: false });
  else throw new Refusal([`stand-in: unknown ${value}`]);
}
