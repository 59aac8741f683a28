import { expect, test } from 'vitest';
import { redact, redactText } from '../../../src/events/redact.ts';

test.each([
  ['a -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- b', 'a [private key] b'],
  ['-----BEGIN OPENSSH PRIVATE KEY-----\ncut off', '[private key]'],
  ['Authorization: Bearer abcdef123456', 'Authorization: Bearer [hidden]'],
  ['https://me:hunter2@example.com/x', 'https://me:[hidden]@example.com/x'],
  ['password=hunter2&user=me', 'password=[hidden]&user=me'],
  ['{"password": "hunter2", "a": 1}', '{"password": [hidden], "a": 1}'],
  ['tmachine --github-api-token ghx create', 'tmachine --github-api-token [hidden] create'],
  ['token ghp_abcDEF123', 'token ghp_[hidden]'],
  ['Waiting for the token server', 'Waiting for the token server'],
  [
    '-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----',
    '-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----',
  ],
])('redactText(%j) is %j', (text, expected) => {
  expect(redactText(text)).toBe(expected);
});

test('redact() cleans every text of an event and nothing else', () => {
  const event = { at: 5, type: 'notice', level: 'info', text: 'password: x1' } as const;
  expect(redact(event)).toEqual({ ...event, text: 'password: [hidden]' });
});
