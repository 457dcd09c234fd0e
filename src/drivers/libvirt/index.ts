import { defineDriver } from '../driver.js';
import type { LibvirtInstance } from './instance.js';
import { libvirtOptions } from './options.js';

export const libvirt = defineDriver<typeof libvirtOptions, LibvirtInstance>({
  apiVersion: 1,
  name: 'libvirt',
  aliases: ['kvm'],
  summary: 'a virtual machine (QEMU/KVM) or container (LXC) of libvirt’s',
  options: libvirtOptions,
  async load() {
    const { UriDriver } = await import('./uri-driver.js');
    const { openConnection } = await import('./native/open-connection.js');
    return new UriDriver(openConnection);
  },
});
