interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly comment?: string;
  readonly home: string;
  readonly shell?: string;
}

interface Group {
  readonly name: string;
  readonly gid: number;
  readonly members?: readonly string[];
}

const accounts: readonly Account[] = [
  { name: 'root', uid: 0, gid: 0, home: '/root', shell: '/bin/bash' },
  { name: 'daemon', uid: 1, gid: 1, home: '/usr/sbin' },
  // uid 1000 and gid 50 as in boot2docker: shared folders are mounted with them.
  { name: 'docker', uid: 1000, gid: 50, comment: 'Docker', home: '/home/docker', shell: '/bin/bash' },
  { name: 'sshd', uid: 101, gid: 65534, home: '/run/sshd' },
  // `dockerd --userns-remap=default` looks for this one.
  { name: 'dockremap', uid: 102, gid: 102, home: '/nonexistent' },
  { name: 'nobody', uid: 65534, gid: 65534, home: '/nonexistent' },
];

const groups: readonly Group[] = [
  { name: 'root', gid: 0 },
  { name: 'daemon', gid: 1 },
  { name: 'adm', gid: 4 },
  { name: 'tty', gid: 5 },
  { name: 'disk', gid: 6 },
  { name: 'sudo', gid: 27, members: ['docker'] },
  { name: 'utmp', gid: 43 },
  { name: 'staff', gid: 50, members: ['docker'] },
  { name: 'docker', gid: 100, members: ['docker'] },
  { name: '_ssh', gid: 101 },
  { name: 'dockremap', gid: 102 },
  { name: 'nogroup', gid: 65534 },
];

/** The texts of the account files in /etc, by name. Nobody has a password: `*` shuts it, and `!` would shut keys out, too. */
export function formatAccountFiles(): Readonly<
  Record<'passwd' | 'group' | 'shadow' | 'gshadow' | 'subuid' | 'subgid', string>
> {
  return {
    passwd: lines(accounts, ({ name, uid, gid, comment, home, shell }) => [
      name,
      'x',
      uid,
      gid,
      comment ?? name,
      home,
      shell ?? '/usr/sbin/nologin',
    ]),
    group: lines(groups, ({ name, gid, members }) => [name, 'x', gid, (members ?? []).join(',')]),
    shadow: lines(accounts, ({ name }) => [name, '*', 19000, 0, 99999, 7, '', '', '']),
    gshadow: lines(groups, ({ name, members }) => [name, '*', '', (members ?? []).join(',')]),
    subuid: 'dockremap:100000:65536\n',
    subgid: 'dockremap:100000:65536\n',
  };
}

function lines<T>(rows: readonly T[], fields: (row: T) => readonly (string | number)[]): string {
  return rows.map((row) => `${fields(row).join(':')}\n`).join('');
}
