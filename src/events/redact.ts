const secrets: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?(?:-----END \1-----|$)/g, '[private key]'],
  [/\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, '$1 [hidden]'],
  [/\b(gh[pousr]_|github_pat_)\w+/g, '$1[hidden]'],
  [/\b([a-z][a-z0-9+.-]*:\/\/[^\s/:@]*):[^\s/@]+@/gi, '$1:[hidden]@'],
  [
    /((?:pass(?:word|phrase|wd)?|token|secret|api[-_]?key|access[-_]?key)["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;&"']+)/gi,
    '$1[hidden]',
  ],
  [/(--[\w-]*(?:password|passphrase|token|secret|api-key|access-key)\s+)("[^"]*"|'[^']*'|\S+)/gi, '$1[hidden]'],
];

/** Text without private keys, passwords and tokens. */
export function redactText(text: string): string {
  return secrets.reduce((clean, [pattern, mask]) => clean.replace(pattern, mask), text);
}

/** A copy of an event, or of any flat record, with all its texts redacted. */
export function redact<T extends object>(event: T): T {
  const entries = Object.entries(event).map(([key, value]) => [
    key,
    typeof value === 'string' ? redactText(value) : value,
  ]);
  return Object.fromEntries(entries) as T;
}
