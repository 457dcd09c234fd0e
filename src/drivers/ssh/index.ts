import { defineDriver } from '../driver.js';
import type { SshInstance } from './driver.js';
import { sshOptions } from './options.js';

export const ssh = defineDriver<typeof sshOptions, SshInstance>({
  apiVersion: 1,
  name: 'ssh',
  aliases: ['generic'],
  summary: 'any Linux host that you can log in to',
  options: sshOptions,
  async load() {
    const { SshDriver } = await import('./driver.js');
    return new SshDriver();
  },
});
