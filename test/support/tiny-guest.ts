/** What the tiny guest does. */
export interface TinyGuest {
  /** The first line it writes to its serial console; empty: it stays silent. */
  readonly says: string;
  /** Whether it powers off when the ACPI power button is pressed. */
  readonly obeysPowerButton: boolean;
}

const sector = 2048;
/** Where firmware puts the ACPI registers (PM1_STS, then PM1_EN and PM1_CNT), and what written to the last is S5. */
const powerPorts = [
  { hypervisor: 'QEMU', status: 0x600, off: 0x2000 },
  { hypervisor: 'VirtualBox', status: 0x4000, off: 0x3400 },
] as const;
const loadAddress = 0x7c00;
const textOffset = 0x100;

/**
 * A bootable ISO of 42 KiB (El Torito, no emulation) whose guest is 100 bytes of x86 code: up in a tenth of a second even
 * without hardware acceleration.
 */
export function tinyGuestImage(guest: TinyGuest): Buffer {
  const image = Buffer.alloc(21 * sector);
  writeVolumeDescriptors(image);
  writeBootCatalog(image.subarray(19 * sector));
  const boot = image.subarray(20 * sector);
  Buffer.from(program(guest)).copy(boot);
  boot.write(guest.says === '' ? '' : `${guest.says}\r\n`, textOffset, 'latin1');
  return image;
}

/** 16-bit code: print the text on COM1, enable the power button, wait for it, enter S5. */
function program(guest: TinyGuest): readonly number[] {
  const print = [0xac, 0x84, 0xc0, 0x74, 0x06, 0xba, 0xf8, 0x03, 0xee, 0xeb, 0xf5]; // lodsb; test; jz; mov dx,3f8; out; jmp
  const enableButton = powerPorts.flatMap(({ status }) => write(status + 2, 0x0100));
  // A port that is not there reads as ones. in ax,dx; cmp ax,-1; je on; test ah,1; jnz to powerOff
  const isThere = [0xed, 0x83, 0xf8, 0xff, 0x74, 0x05];
  const ask = (status: number, powerOffIn: number): readonly number[] =>
    [0xba, ...word(status)].concat(isThere, [0xf6, 0xc4, 0x01, 0x75, powerOffIn]);
  const awaitButton = [...ask(powerPorts[0].status, 16), ...ask(powerPorts[1].status, 2), 0xeb, 0xe2];
  const powerOff = powerPorts.flatMap(({ status, off }) => write(status + 4, off));
  return [
    ...[0xfa, 0x31, 0xc0, 0x8e, 0xd8], // cli; xor ax,ax; mov ds,ax
    ...[0xbe, ...word(loadAddress + textOffset)], // mov si,text
    ...print,
    ...(guest.obeysPowerButton ? [...enableButton, ...awaitButton, ...powerOff] : []),
    ...[0xf4, 0xeb, 0xfd], // hlt; jmp to it
  ];
}

/** mov dx; mov ax; out dx,ax */
function write(port: number, value: number): readonly number[] {
  return [0xba, ...word(port), 0xb8, ...word(value), 0xef];
}

function word(value: number): readonly [number, number] {
  return [value & 0xff, value >> 8];
}

function writeVolumeDescriptors(image: Buffer): void {
  for (const [index, type] of [1, 0, 255].entries()) {
    const at = (16 + index) * sector;
    image[at] = type;
    image.write('CD001', at + 1, 'latin1');
    image[at + 6] = 1;
  }
  image.write('EL TORITO SPECIFICATION', 17 * sector + 7, 'latin1');
  image.writeUInt32LE(19, 17 * sector + 0x47);
}

function writeBootCatalog(catalog: Buffer): void {
  catalog[0] = 1;
  catalog.writeUInt16LE(0xaa55, 30);
  catalog.writeUInt16LE(0x10000 - 0xaa55 - 1, 28);
  catalog[32] = 0x88;
  catalog.writeUInt16LE(4, 38);
  catalog.writeUInt32LE(20, 40);
}
