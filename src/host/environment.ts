/** Environment variables as values; a part never reads `process.env` itself. */
export type Environment = Readonly<Record<string, string | undefined>>;
