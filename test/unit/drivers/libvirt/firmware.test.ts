import { checkFirmware } from '../../../../src/drivers/libvirt/create-domain.js';
import type { Connection } from '../../../../src/drivers/libvirt/native/libvirt.js';

const { signal } = new AbortController();

test('a host that has UEFI firmware is taken', async () => {
  const found =
    "<os supported='yes'><enum name='firmware'>\n<value>bios</value><value>efi</value></enum></os>";
  await checkFirmware(capabilities(found), 'qemu', 'x86_64', signal);
});

test.each([
  ["<os supported='yes'><enum name='firmware'/><enum name='x'><value>efi</value></enum></os>"],
  ["<os supported='yes'/>"],
])('a host that has none is refused with what to install: %s', async (text) => {
  await expect(checkFirmware(capabilities(text), 'qemu', 'x86_64', signal)).rejects.toMatchObject({
    code: 'FIRMWARE_MISSING',
    hints: [expect.stringContaining('ovmf')],
  });
});

/** A connection that answers nothing else. */
function capabilities(text: string): Connection {
  return { uri: 'qemu:///system', domainCapabilities: async () => text } as unknown as Connection;
}
