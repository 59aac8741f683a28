/** Bytes that are no gob, or a value that has no place in one. */
export class GobError extends Error {
  constructor(message: string) {
    super(`gob: ${message}`);
    this.name = 'GobError';
  }
}
