import { expect, test } from 'vitest';
import { detectDistro } from '../../../src/provision/detect.ts';
import { parseOsRelease } from '../../../src/provision/os-release.ts';

const boot2docker = `NAME=Boot2Docker
VERSION=19.03.12
ID=boot2docker
ID_LIKE=tcl
VERSION_ID=19.03.12
PRETTY_NAME="Boot2Docker 19.03.12 (TCL 10.1)"
ANSI_COLOR="1;34"
`;

test("parseOsRelease() reads boot2docker's own file", () => {
  expect(parseOsRelease(boot2docker)).toEqual({
    id: 'boot2docker',
    like: ['tcl'],
    versionId: '19.03.12',
    prettyName: 'Boot2Docker 19.03.12 (TCL 10.1)',
  });
});

test('parseOsRelease() reads quotes, escapes, comments and Windows line ends', () => {
  expect(parseOsRelease(`# ID=no\r\nID='arch'\r\nPRETTY_NAME="A \\"B\\" \\$C"\r\n`)).toMatchObject({
    id: 'arch',
    prettyName: 'A "B" $C',
  });
  expect(parseOsRelease('')).toEqual({ id: 'linux', like: [], versionId: undefined, prettyName: undefined });
});

test('detectDistro() finds boot2docker and names what it does not know', () => {
  expect(detectDistro(parseOsRelease(boot2docker)).name).toBe('boot2docker');
  expect(() => detectDistro(parseOsRelease('ID=plan9\nPRETTY_NAME="Plan 9"'))).toThrow('"plan9" (Plan 9) is not known');
});
