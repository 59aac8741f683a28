/** One part of a path between slashes: a name as it is, or a pattern for names. */
export type GlobPart = { readonly name: string } | { readonly pattern: RegExp };

/**
 * A path with `*`, `?`, `[…]` and `\` as glob(7) reads it, cut at the slashes; nothing where none of them occurs. A name that
 * begins with a dot is only matched by a pattern that does.
 */
export function parseGlob(path: string): readonly GlobPart[] | undefined {
  if (!/[*?[\\]/.test(path)) return undefined;
  return path.split('/').map((part) => {
    if (!/[*?[]/.test(part)) return { name: part.replaceAll(/\\(.)/gs, '$1') };
    const pattern = part.replaceAll(/\\.|\[[!^]?\]?[^\]]*\]|[*?]|[^*?[\\]+|./gs, formatToken);
    return { pattern: new RegExp(`^${part.startsWith('.') ? '' : '(?!\\.)'}${pattern}$`, 'su') };
  });
}

function formatToken(token: string): string {
  if (token === '*') return '.*';
  if (token === '?') return '.';
  const [, not, set] = /^\[([!^]?)(\]?[^\]]*)\]$/s.exec(token) ?? [];
  if (set !== undefined) return `[${not === '' ? '' : '^'}${set.replaceAll(/[\\\]^[]/g, '\\$&')}]`;
  return (token.length === 2 && token.startsWith('\\') ? token.slice(1) : token).replaceAll(
    /[\\^$.*+?()[\]{}|/]/g,
    '\\$&',
  );
}
