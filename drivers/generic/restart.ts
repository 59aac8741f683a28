import { TmachineError } from 'tmachine/driver';
import { type GenericMachine, sshTarget } from './driver.ts';

const commandMs = 30_000;
const rebootMs = 300_000;
const pauseMs = 1000;

/** Which start of the system this is. Containers may share the host's boot id, but not the start of their first process. */
const whichStart = "cat /proc/sys/kernel/random/boot_id && sed 's/.*) //' /proc/1/stat | cut -d ' ' -f 20";
const rebooting = 'command -v shutdown >/dev/null && exec shutdown -r now; exec reboot';

/**
 * Reboots the host and waits until it can be logged in to again.
 *
 * @throws TmachineError `GENERIC_REBOOT_FAILED`, `TIMED_OUT`, or what is wrong with SSH.
 */
export async function restartGeneric({ name, host, data }: GenericMachine): Promise<void> {
  const target = sshTarget(data);
  const before = await host.runOverSsh(target, whichStart, commandMs);
  const command = `if [ "$(id -u)" -eq 0 ]; then sh -c '${rebooting}'; else sudo -n sh -c '${rebooting}'; fi`;
  const asked = await host.runOverSsh(target, command, commandMs).catch((error: unknown) => {
    // The host may be quicker than its answer.
    if (isFailure(error, ['SSH_CONNECTION_LOST', 'SSH_COMMAND_TIMED_OUT'])) return undefined;
    throw error;
  });
  if (asked !== undefined && asked.exitCode !== 0 && asked.exitCode < killedBySignal)
    throw new TmachineError(`Cannot restart "${name}": ${asked.stderr.trim() || `it ended with ${asked.exitCode}`}`, {
      code: 'GENERIC_REBOOT_FAILED',
    });
  await host.waitUntil(`"${name}" to come back`, rebootMs, async () => {
    try {
      const now = await host.runOverSsh(target, whichStart, commandMs);
      if (now.exitCode === 0 && now.stdout !== before.stdout) return true;
    } catch (error) {
      if (!(error instanceof TmachineError) || error.code === 'HOST_KEY_CHANGED') throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    return false;
  });
}

/** The shutdown may end our shell before it ends by itself. */
const killedBySignal = 128;

function isFailure(error: unknown, codes: readonly string[]): boolean {
  return error instanceof TmachineError && codes.includes(error.code);
}
