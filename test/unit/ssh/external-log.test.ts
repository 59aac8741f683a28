import { expect, test } from 'vitest';
import { parseExternalLog } from '../../../src/ssh/external-log.ts';
import { isPassingFailure, isSshFailure, sshFailure } from '../../../src/ssh/failures.ts';
import { statusOfSignal } from '../../../src/ssh/signal-status.ts';

const changed = `debug1: Server host key: ssh-ed25519 SHA256:5d1r1hGJIdgEo5e7K2UzRQXYKgyHYBjhIGUmUYTVQPc
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
The fingerprint for the ED25519 key sent by the remote host is
SHA256:5d1r1hGJIdgEo5e7K2UzRQXYKgyHYBjhIGUmUYTVQPc.
Host key verification failed.
`;

test.each([
  ['ssh: connect to host 127.0.0.1 port 1: Connection refused\n', 'SSH_REFUSED'],
  ['docker@10.0.0.1: Permission denied (publickey).\r\n', 'SSH_AUTH_REJECTED'],
  ['ssh: connect to host 10.0.0.1 port 22: No route to host\n', 'SSH_UNREACHABLE'],
  ['Connection timed out during banner exchange\n', 'SSH_TIMED_OUT'],
  ['Load key "/k/id_rsa": error in libcrypto\ndocker@h: Permission denied (publickey).\n', 'SSH_KEY_UNUSABLE'],
  ['Connection to 127.0.0.1 closed by remote host.\n', 'SSH_CONNECTION_LOST'],
  [changed, 'HOST_KEY_CHANGED'],
])('parseExternalLog() tells what %j means', (log, code) => {
  expect(parseExternalLog(log)?.code).toBe(code);
});

test('parseExternalLog() finds the fingerprint of the key that was shown', () => {
  expect(parseExternalLog(changed)?.shownFingerprint).toBe('SHA256:5d1r1hGJIdgEo5e7K2UzRQXYKgyHYBjhIGUmUYTVQPc');
});

test('parseExternalLog() leaves a command that ended by itself alone, whatever else was logged', () => {
  const log = (type: string): string =>
    `OpenSSH_9.2p1\r\ndebug1: client_input_channel_req: channel 0 rtype ${type} reply 0\r\nTransferred: sent 1\r\n`;
  expect([log('exit-status'), log('exit-signal')].map(parseExternalLog)).toEqual([undefined, undefined]);
});

test('parseExternalLog() takes an end without a status for a broken connection', () => {
  const log = 'Warning: Permanently added x\r\nAuthenticated to h\r\ndebug1: Permission denied (no)\r\n';
  expect(parseExternalLog(log)).toEqual({ code: 'SSH_CONNECTION_LOST', detail: undefined });
});

test('isSshFailure() and isPassingFailure() know our failures from others', () => {
  const target = { host: 'h', port: 22, user: 'u', identityFile: 'k' };
  const [refused, rejected] = [sshFailure('SSH_REFUSED', target), sshFailure('SSH_AUTH_REJECTED', target)];
  expect([refused, rejected, new Error('x')].map(isSshFailure)).toEqual([true, true, false]);
  expect([refused, rejected, new Error('x')].map(isPassingFailure)).toEqual([true, false, false]);
});

test('statusOfSignal() counts as Linux does, with or without SIG', () => {
  expect(['SIGKILL', 'TERM', 'USR1', 'ODD'].map(statusOfSignal)).toEqual([137, 143, 138, 128]);
});
