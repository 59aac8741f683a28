import { describe, expect, it } from 'vitest';
import { formatCertificateAlert, formatNameMismatch, formatValidityError } from '../../../src/engine/go-wording.ts';
import { parsePing } from '../../../src/engine/ping.ts';

describe('formatNameMismatch()', () => {
  it.each([
    [
      '192.168.99.101',
      ['192.168.99.100'],
      ['localhost'],
      'certificate is valid for 192.168.99.100, not 192.168.99.101',
    ],
    [
      '10.0.0.9',
      ['10.0.0.1', '127.0.0.1', '10.0.0.2'],
      [],
      'certificate is valid for 10.0.0.1, 10.0.0.2, not 10.0.0.9',
    ],
    ['10.0.0.9', ['127.0.0.1'], [], 'certificate is valid for 127.0.0.1, not 10.0.0.9'],
    ['10.0.0.9', [], ['a'], "cannot validate certificate for 10.0.0.9 because it doesn't contain any IP SANs"],
    ['c', ['10.0.0.1'], ['a', 'b'], 'certificate is valid for a, b, not c'],
    ['c', ['10.0.0.1'], [], 'certificate is not valid for any names, but wanted to match c'],
  ])('says for %s with %j and %j what Go says', (host, addresses, dnsNames, words) => {
    expect(formatNameMismatch(host, { addresses, dnsNames })).toBe(`x509: ${words}`);
  });
});

describe('formatValidityError()', () => {
  it('says like Go on which side of its dates a certificate is', () => {
    const validity = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2027-01-01T00:00:00Z') };
    const start = 'x509: certificate has expired or is not yet valid: current time ';
    expect(formatValidityError(new Date('2025-06-01T01:02:03.4Z'), validity)).toBe(
      `${start}2025-06-01T01:02:03Z is before 2026-01-01T00:00:00Z`,
    );
    expect(formatValidityError(new Date('2028-06-01T00:00:00Z'), validity)).toBe(
      `${start}2028-06-01T00:00:00Z is after 2027-01-01T00:00:00Z`,
    );
  });
});

describe('formatCertificateAlert()', () => {
  it('translates alerts about certificates and no other', () => {
    expect(formatCertificateAlert('ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE')).toBe('remote error: tls: bad certificate');
    expect(formatCertificateAlert('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION')).toBeUndefined();
  });
});

describe('parsePing()', () => {
  it('waits for the whole head, however it is cut', () => {
    const answer = 'HTTP/1.1 200 OK\r\nserver:  Docker/26.1.5+dfsg1 (linux) \r\n\r\nOK';
    for (let cut = 0; cut < answer.length - 2; cut++) expect(parsePing(answer.slice(0, cut))).toBe('incomplete');
    expect(parsePing(answer)).toEqual({ status: 200, engineVersion: '26.1.5+dfsg1', date: undefined });
  });

  it.each(['SSH-2.0-OpenSSH', 'HTTP/2', 'HTTP/1.1 banana\r\n\r\n'])('calls %j invalid', (text) => {
    expect(parsePing(text)).toBe('invalid');
  });
});
