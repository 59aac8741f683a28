/** Shells as users call them; `--shell` takes more names than these. */
export const namedShells = [
  'bash',
  'zsh',
  'sh',
  'fish',
  'powershell',
  'cmd',
  'tcsh',
  'emacs',
  'elvish',
  'xonsh',
] as const;
