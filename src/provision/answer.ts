/** What a guest says before the line that its shell ends the answer with. */
export interface Answer {
  /** @throws what `fail` was called with. */
  readonly text: Promise<string>;
  /** Whether the line belongs to the answer. */
  take(line: string): boolean;
  /** Nothing more comes. */
  end(): void;
  fail(error: unknown): void;
}

/** Puts an answer together from lines. */
export function collectAnswer(endLine: string): Answer {
  const said: string[] = [];
  let isOpen = true;
  let settle: { resolve(text: string): void; reject(error: unknown): void } | undefined;
  const text = new Promise<string>((resolve, reject) => {
    settle = { resolve, reject };
  });
  const end = (): void => {
    isOpen = false;
    settle?.resolve(said.join('\n'));
  };
  return {
    text,
    take: (line) => {
      if (!isOpen) return false;
      if (line === endLine) end();
      else said.push(line);
      return true;
    },
    end,
    fail: (error) => settle?.reject(error),
  };
}
