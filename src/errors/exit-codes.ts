/** What each exit status means; docker-machine's scripts test for 0, 1 and 3. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  preflight: 3,
  bug: 70,
  interrupted: 130,
} as const;
