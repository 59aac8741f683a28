import { describe, expect, test } from 'vitest';
import { parseAnswer } from '../../../../drivers/virtualbox/parse-answer.ts';
import { parseMachineReadable } from '../../../../drivers/virtualbox/parse-machine-readable.ts';
import { parseVmInfo } from '../../../../drivers/virtualbox/parse-vm-info.ts';
import { parseLongVmList, parseVmList } from '../../../../drivers/virtualbox/parse-vm-list.ts';
import { parseVmState } from '../../../../drivers/virtualbox/parse-vm-state.ts';
import { parseVBoxVersion } from '../../../../drivers/virtualbox/version.ts';
import { recordingOf, recordings, vboxText } from '../../../support/virtualbox-recordings.ts';

describe('parseVmInfo()', () => {
  test('reads a VM as docker-machine makes it', () => {
    const { raw, ...info } = parseVmInfo(recordingOf(214).stdout);
    const folder = '/home/user/.docker/machine/machines/default';
    expect(info).toEqual({
      name: 'default',
      uuid: '6102e030-9c43-482c-81d3-0640ba8a9c69',
      state: 'poweroff',
      stateSince: '2026-11-23T22:25:09.000000000',
      configFile: `${folder}/default/default.vbox`,
      logFolder: `${folder}/default/Logs`,
      memoryMb: 1024,
      cpuCount: 1,
      nics: [
        {
          number: 1,
          kind: 'nat',
          attachedTo: 'nat',
          macAddress: '080027D9B174',
          type: '82540EM',
          isCableConnected: true,
        },
        {
          number: 2,
          kind: 'hostonly',
          attachedTo: 'vboxnet0',
          macAddress: '08002758CD55',
          type: '82540EM',
          isCableConnected: true,
        },
      ],
      natRules: [
        { name: 'ssh', protocol: 'tcp', hostAddress: '127.0.0.1', hostPort: 22023, guestAddress: '', guestPort: 22 },
      ],
      sharedFolders: [{ name: 'home', path: '/home/docker-share', isPermanent: true }],
      media: [
        {
          controller: 'SATA',
          port: 0,
          device: 0,
          path: `${folder}/boot2docker.iso`,
          uuid: '8225da3d-2de6-41bc-87b5-8ae0210757f8',
        },
        {
          controller: 'SATA',
          port: 1,
          device: 0,
          path: `${folder}/disk.vmdk`,
          uuid: '2f970413-3b10-4d42-82b8-f171ef776470',
        },
      ],
      serialFile: undefined,
      sessionName: undefined,
    });
    expect(raw.get('chipset')).toBe('piix3');
  });

  test.each([
    [302, 'running', 'headless'],
    [314, 'paused', 'headless'],
    [320, 'saved', undefined],
    [328, 'poweroff', undefined],
  ])('reads recording %i as %s', (number, state, sessionName) => {
    expect(parseVmInfo(recordingOf(number).stdout)).toMatchObject({ state, sessionName });
  });

  test('finds the file of the serial console', () => {
    expect(parseVmInfo(recordingOf(302).stdout).serialFile).toBe('/home/user/mb3.serial');
  });

  test('reads every recorded answer without a state or a VM it does not know', () => {
    const answers = recordings.filter(({ argv, code }) => argv.includes('--machinereadable') && code === 0);
    const infos = answers.map(({ stdout }) => parseVmInfo(stdout));
    expect(infos.length).toBe(10);
    expect(infos.filter(({ state, uuid }) => state === 'unknown' || uuid.length !== 36)).toEqual([]);
  });

  test('is not misled by a warning before, nor by CRLF', () => {
    const stdout = `WARNING: The vboxdrv kernel module is not loaded.\n         state=off\n\n${recordingOf(302).stdout}`;
    const answer = parseAnswer({ stdout: stdout.replaceAll('\n', '\r\n'), stderr: '' });
    expect(answer.stdout).toBe(recordingOf(302).stdout);
    expect(parseVmInfo(stdout.replaceAll('\n', '\r\n'))).toMatchObject({ state: 'running', name: 'mb3', cpuCount: 1 });
  });

  test('reads a network of macOS, and NAT rules with a comma in their names', () => {
    const text = [
      'name="m"',
      'UUID="6102e030-9c43-482c-81d3-0640ba8a9c69"',
      'VMState="running"',
      'hostonly-network2="tmachine"',
      'macaddress2="08002758cd55"',
      'nic2="hostonlynetwork"',
      'nictype2="virtio"',
      'cableconnected2="off"',
      'Forwarding(0)="a,b,udp,,2053,10.0.2.15,53"',
      'Forwarding(1)="damaged"',
    ].join('\n');
    expect(parseVmInfo(text)).toMatchObject({
      nics: [
        {
          number: 2,
          kind: 'hostonlynetwork',
          attachedTo: 'tmachine',
          macAddress: '08002758CD55',
          type: 'virtio',
          isCableConnected: false,
        },
      ],
      natRules: [
        { name: 'a,b', protocol: 'udp', hostAddress: '', hostPort: 2053, guestAddress: '10.0.2.15', guestPort: 53 },
      ],
    });
  });

  test('reads a VM whose settings are gone as inaccessible', () => {
    expect(parseVmInfo('name="<inaccessible>"\nUUID="6102e030-9c43-482c-81d3-0640ba8a9c69"\n').state).toBe(
      'inaccessible',
    );
  });
});

describe('parseMachineReadable()', () => {
  test('takes the marks of newer versions off quotes and backslashes, and leaves those of older ones alone', () => {
    const values = parseMachineReadable(
      ['a="q\\"uote\\\\b"', 'new="C:\\\\Users\\\\me"', 'old="C:\\Users\\me"', 'unc="\\\\server\\share"', 'bare=x'].join(
        '\n',
      ),
    );
    expect(Object.fromEntries(values)).toEqual({
      a: 'q"uote\\b',
      new: 'C:\\Users\\me',
      old: 'C:\\Users\\me',
      unc: '\\\\server\\share',
      bare: 'x',
    });
  });

  test('believes the settings rather than a description that looks like them', () => {
    const values = parseMachineReadable('VMState="poweroff"\ndescription="hello\nVMState=\\"running\\"\nend"\nx=1\n');
    expect(values.get('VMState')).toBe('poweroff');
    expect(values.get('x')).toBe('1');
  });

  test('is not stopped by lines of another form', () => {
    const values = parseMachineReadable(
      'VideoMode="720,400,0"@0,0 1\nvrde="off"\n rec_screen0\nVRDEClients==0\n"A-0-0"="x"\n',
    );
    expect([values.get('vrde'), values.get('VRDEClients'), values.get('A-0-0')]).toEqual(['off', '=0', 'x']);
  });
});

describe('parseVmList()', () => {
  test('reads two VMs of one name, and names with slashes', () => {
    expect(parseVmList(recordingOf(27).stdout).map(({ name }) => name)).toEqual(['default', 'default', 'a/b']);
  });

  test('reads names with quotes and those of VMs that are inaccessible', () => {
    const text =
      '"q"uote {x}" {9dc28581-e27d-4ffd-a96d-4fc388d7f244}\r\n"<inaccessible>" {eca02418-76c9-473b-b6a3-1d15613b49c6}\r\n';
    expect(parseVmList(text)).toEqual([
      { name: 'q"uote {x}', uuid: '9dc28581-e27d-4ffd-a96d-4fc388d7f244' },
      { name: '<inaccessible>', uuid: 'eca02418-76c9-473b-b6a3-1d15613b49c6' },
    ]);
  });

  test('finds none in an empty answer', () => {
    expect(parseVmList(recordingOf(2).stdout)).toEqual([]);
  });
});

describe('parseLongVmList()', () => {
  const listing = vboxText('list-long-vms.txt');
  const expected = [
    ['default', 'poweroff'],
    ['<inaccessible!>', 'inaccessible'],
    ['other', 'poweroff'],
    ['q"uote', 'poweroff'],
    ['default', 'running'],
  ];

  test('reads all VMs of all sections, also when one is inaccessible or described in misleading words', () => {
    const vms = parseLongVmList(listing);
    expect(vms.map(({ name, state }) => [name, state])).toEqual(expected);
    expect(vms[1]).toEqual({
      name: '<inaccessible!>',
      uuid: 'eca02418-76c9-473b-b6a3-1d15613b49c6',
      configFile: '/home/user/vms/gone/gone.vbox',
      state: 'inaccessible',
    });
    expect(vms[0]?.uuid).toBe(vms[4]?.uuid);
  });

  test('reads it with CRLF, too', () => {
    expect(parseLongVmList(listing.replaceAll('\n', '\r\n')).map(({ name, state }) => [name, state])).toEqual(expected);
  });

  test('finds the VMs in another language, without their states', () => {
    const german = listing
      .replaceAll(/^Name: /gm, 'Имя: ')
      .replaceAll(/^State: /gm, 'Состояние: ')
      .replaceAll(/powered off \(since/g, 'Выключена (с')
      .replaceAll(/running \(since/g, 'Работает (с');
    const vms = parseLongVmList(german);
    expect(vms.map(({ uuid }) => uuid)).toEqual(parseLongVmList(listing).map(({ uuid }) => uuid));
    expect(vms.map(({ state }) => state)).toEqual(['unknown', 'inaccessible', 'unknown', 'unknown', 'unknown']);
  });

  test('finds none in an empty answer', () => {
    expect(parseLongVmList('')).toEqual([]);
  });
});

test('parseVmState() reads the short and the long words for the same states', () => {
  const pairs = [
    ['poweroff', 'powered off (since 2026-11-23T22:25:04.696000000)'],
    ['aborted-saved', 'aborted-saved'],
    ['gurumeditation', 'guru meditation (since 2026-11-23T22:25:04.696000000)'],
    ['restoring', 'restoring'],
  ];
  for (const [short, long] of pairs)
    expect([parseVmState(short ?? ''), parseVmState(long ?? '')]).toEqual([short, short]);
  expect(parseVmState('teleporting to the moon')).toBe('unknown');
});

describe('parseVBoxVersion()', () => {
  test.each([
    ['5.2.44r139111', 5, 2, 44],
    ['6.0.12r133076', 6, 0, 12],
    ['6.1.50_Ubuntur161033', 6, 1, 50],
    ['6.1.0_RC1r135207', 6, 1, 0],
    ['7.0.20r163906', 7, 0, 20],
    ['7.1.0_BETA1r163993', 7, 1, 0],
    ['7.2.22_Debianr175245', 7, 2, 22],
    ['7.1.6_OSE', 7, 1, 6],
    ['7.0.26-SUSE', 7, 0, 26],
    ['10.0.0', 10, 0, 0],
  ])('reads %s', (text, major, minor, patch) => {
    expect(parseVBoxVersion(`${text}\n`)).toEqual({ major, minor, patch, text });
  });

  test('finds the version after warnings with numbers of their own', () => {
    const warnings =
      'WARNING: The vboxdrv kernel module is not loaded. Either there is no module\r\n         available for the current kernel (6.18.0) or it failed to\r\n         load.\r\n';
    expect(parseVBoxVersion(`${warnings}7.2.22r175245\r\n`)?.text).toBe('7.2.22r175245');
  });

  test('finds none where there is none', () => {
    expect(parseVBoxVersion('WARNING: kernel 6.18.0 is too new\n')).toBeUndefined();
  });
});
