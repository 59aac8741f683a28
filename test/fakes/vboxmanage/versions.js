/** The version that the stand-in claims to be: FAKE_VBOX_VERSION, such as `5.2.44r139111`. */
export function claimedVersion(env) {
  return env.FAKE_VBOX_VERSION || '7.2.22_Debianr175245';
}

/** Whether the claimed version is at least `major.minor.patch`. */
export function isAtLeast(env, wanted) {
  const have = claimedVersion(env).split(/[.r_]/).map(Number);
  const want = wanted.split('.').map(Number);
  const i = want.findIndex((number, at) => number !== have[at]);
  return i === -1 || have[i] > want[i];
}
