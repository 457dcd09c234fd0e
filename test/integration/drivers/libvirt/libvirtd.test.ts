import { openConnection } from '../../../../src/drivers/libvirt/native/open-connection.js';
import { startLibvirtd } from '../../../support/libvirtd.js';

test('a libvirtd of its own answers for QEMU and LXC', async () => {
  await using daemon = await startLibvirtd();
  await using qemu = await openConnection(daemon.qemuUri);
  await using lxc = await openConnection(daemon.lxcUri);

  expect(await qemu.type()).toBe('QEMU');
  expect(await lxc.type()).toBe('LXC');
  expect(await qemu.domainCapabilities({ virtType: 'qemu' })).toContain('<domain>qemu</domain>');
});
