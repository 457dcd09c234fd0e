import { defineDriver } from '../driver.js';
import type { LibvirtInstance } from './instance.js';
import { libvirtOptions } from './options.js';

export const libvirt = defineDriver<typeof libvirtOptions, LibvirtInstance>({
  apiVersion: 1,
  name: 'libvirt',
  aliases: ['kvm'],
  summary: 'a virtual machine through libvirt, here or on another host (QEMU/KVM)',
  options: libvirtOptions,
  async load() {
    const { LibvirtDriver } = await import('./driver.js');
    const { openConnection } = await import('./native/open-connection.js');
    return new LibvirtDriver(openConnection);
  },
});
