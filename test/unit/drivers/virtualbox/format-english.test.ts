import { expect, test } from 'vitest';
import { findReason } from '../../../../drivers/virtualbox/failures.ts';
import { formatEnglish } from '../../../../drivers/virtualbox/format-english.ts';
import { parseAnswer } from '../../../../drivers/virtualbox/parse-answer.ts';
import { parseDhcpServers, parseHostOnlyAdapters } from '../../../../drivers/virtualbox/parse-host-only.ts';
import { parseLongVmList, parseVmList } from '../../../../drivers/virtualbox/parse-vm-list.ts';
import { recordingOf, recordings, vboxText } from '../../../support/virtualbox-recordings.ts';

/** A listing as a Russian VirtualBox prints it: its words in place of the English ones, and nothing else. */
function inRussian(english: string, words: Readonly<Record<string, string>>): string {
  return Object.entries(words).reduce((text, [from, to]) => text.replaceAll(new RegExp(from, 'gm'), to), english);
}

test('formatEnglish() changes nothing that was recorded in English', () => {
  for (const { stdout, stderr } of recordings) expect(formatEnglish(stdout + stderr)).toBe(stdout + stderr);
});

test('formatEnglish() reads host-only adapters', () => {
  const { stdout } = recordingOf(205);
  const russian = inRussian(stdout, {
    '^Name:': 'Имя:',
    Disabled$: 'Отключено',
    '^IPAddress:': 'IP адрес:',
    '^NetworkMask:': 'Сетевая маска:',
    '^IPV6Address:': 'IPV6 адрес:',
    '^IPV6NetworkMaskPrefixLength:': 'Длина префикса сетевой маски IPV6:',
    '^HardwareAddress:': 'Аппаратный адрес:',
    '^MediumType:': 'Тип носителя:',
    '^Wireless:( *)No': 'Беспроводный:$1Нет',
    '^Status:( *)Up': 'Статус:$1Включен',
    '^VBoxNetworkName:': 'Имя сети VBox:',
  });
  expect(russian).not.toBe(stdout);
  expect(formatEnglish(russian)).toBe(stdout);
  expect(parseHostOnlyAdapters(formatEnglish(russian))).toEqual(parseHostOnlyAdapters(stdout));
});

test('formatEnglish() reads DHCP servers with their leases', () => {
  const english = `${recordingOf(211).stdout.replace(
    /Individual Configs: {3}None\n$/,
    'Individual Config:    VM NIC: 6102e030-9c43-482c-81d3-0640ba8a9c69 slot 1, MAC 08:00:27:0a:0b:0c\n    Fixed Address:    192.168.99.101\nIndividual Config:    MAC 08:00:27:11:22:33\n    Fixed Address:    dynamic\n',
  )}`;
  const russian = inRussian(english, {
    '^NetworkName:': 'Имя сети:',
    '^LowerIPAddress:': 'Нижний IP адрес:',
    '^UpperIPAddress:': 'Верхний IP адрес:',
    '^NetworkMask:': 'Сетевая маска:',
    '^Enabled:( *)Yes': 'Включено:$1Да',
    '^Global Configuration:': 'Глобальная конфигурация:',
    '^Individual Config:': 'Индивидуальная конфигурация:',
    'VM NIC: (\\S+) slot': 'ВМ NIC: $1 слот',
    'Fixed Address:': 'Фиксированный адрес:',
    dynamic$: 'динамический',
  });
  expect(formatEnglish(russian)).toBe(english);
  expect(parseDhcpServers(formatEnglish(russian))).toEqual(parseDhcpServers(english));
});

test('formatEnglish() reads VMs, their states, and those that are inaccessible', () => {
  const english = vboxText('list-long-vms.txt');
  const russian = inRussian(english, {
    '^Name:': 'Имя:',
    '^State:': 'Состояние:',
    '^Config file:': 'Файл конфигурации:',
    '<inaccessible!>': '<недоступно!>',
    'powered off \\(since': 'выключена (с',
    'running \\(since': 'работает (с',
  });
  expect(parseLongVmList(formatEnglish(russian))).toEqual(parseLongVmList(english));
  const list =
    '"имя: x" {6102e030-9c43-482c-81d3-0640ba8a9c69}\n"<недоступно>" {eca02418-76c9-473b-b6a3-1d15613b49c6}\n';
  expect(parseVmList(formatEnglish(list)).map(({ name }) => name)).toEqual(['имя: x', '<inaccessible>']);
});

test('formatEnglish() leaves names, paths and settings alone', () => {
  const settings = 'name="Имя: x"\nCfgFile="/home/имя/Состояние: y.vbox"\nSharedFolderNameMachineMapping1="да"\n';
  expect(formatEnglish(settings)).toBe(settings);
});

test('formatEnglish() reads a lease and a guest property', () => {
  expect(formatEnglish('IP адрес:  192.168.99.100\nMAC адрес: 08:00:27:0a:0b:0c\n')).toBe(
    'IP Address:  192.168.99.100\nMAC Address: 08:00:27:0a:0b:0c\n',
  );
  expect(formatEnglish('Значение: 192.168.99.100\n')).toBe('Value: 192.168.99.100\n');
});

test.each([
  ['VBOX_VM_NOT_RUNNING', "VBoxManage.exe: error: Машина 'm1' сейчас не запущена.\r\n"],
  ['VBOX_DHCP_EXISTS', 'VBoxManage.exe: error: DHCP сервер уже существует\r\n'],
  ['VBOX_DHCP_GONE', "VBoxManage.exe: error: Не удалось найти DHCP сервер для сети 'HostInterfaceNetworking-x'\r\n"],
  ['VBOX_CALL_UNKNOWN', 'VBoxManage.exe: error: Неизвестная опция: --new\r\n'],
  ['VBOX_CALL_UNKNOWN', "VBoxManage.exe: error: Недопустимая команда 'hostonlynet'\r\n"],
])('findReason() knows %s in Russian, which has no code', (code, words) => {
  const { stderr } = parseAnswer({ stdout: '', stderr: words });
  const call = { args: ['controlvm', 'm1'], exitCode: 1, stdout: '', stderr };
  expect(findReason(call, { machine: 'm1', platform: 'win32' })?.code).toBe(code);
});
