import { expect, test } from 'vitest';
import type { RealStore } from '../../support/real-store.ts';

/** The guest of `myhost` as a host that exists already: it has all that such a host needs. */
export function genericCases(store: () => RealStore): void {
  test('create -d generic sets up a host over SSH and says which host key it trusts', async () => {
    const { IPAddress, SSHPort } = (await store().config('myhost')).Driver;
    // Its SSH server comes up after its engine.
    await store().inGuest('myhost', 'true');
    const { exitCode, stdout, stderr } = await store().tmachine([
      ...['create', '-d', 'generic', '--generic-ip-address', IPAddress, '--generic-ssh-port', String(SSHPort)],
      ...['--generic-ssh-user', 'docker', '--generic-ssh-key', store().file('myhost', 'id_rsa')],
      ...['--engine-label', 'taken=over', 'taken'],
    ]);
    expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 0, stdout: '' });
    expect(stderr).toMatch(/^Importing SSH key\.\.\.$/m);
    expect(stderr).toMatch(
      /^Trusting the SSH host key of 127\.0\.99\.\d+:2222 from now on: SHA256:\S+ \(ssh-ed25519\)$/m,
    );
    expect(stderr).toMatch(/Docker is up and running!\n/);
    expect(
      await store().ask('ls', '-f', '{{.Name}} {{.DriverName}} {{.State}} {{.URL}}', '--filter', 'name=taken'),
    ).toBe(`taken generic Running tcp://${IPAddress}:2376\n`);
    expect((await store().ask('version', 'taken')).startsWith(store().image.engineVersion)).toBe(true);
    expect(await store().inGuest('taken', "docker info -f '{{.Name}}'")).toBe('taken\n');
    const labels: unknown = JSON.parse(await store().inGuest('taken', "docker info -f '{{json .Labels}}'"));
    expect(new Set(labels as string[])).toEqual(new Set(['provider=generic', 'taken=over']));
  });

  test('rm forgets such a host and leaves it running', async () => {
    const stopped = await store().tmachine(['stop', 'taken']);
    expect(stopped.stderr).toBe('Cannot stop "taken": generic driver does not support stop\n');
    expect((await store().tmachine(['rm', '-y', 'taken'])).exitCode).toBe(0);
    expect(await store().ask('status', 'myhost')).toBe('Running\n');
    expect(await store().inGuest('myhost', 'hostname')).toBe('taken\n');
  });
}
