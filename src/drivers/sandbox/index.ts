import { defineDriver } from '../driver.js';
import type { SandboxInstance } from './instance.js';
import { sandboxOptions } from './options.js';

export const sandbox = defineDriver<typeof sandboxOptions, SandboxInstance>({
  apiVersion: 1,
  name: 'sandbox',
  summary: 'a host of namespaces on this machine (Linux, root)',
  options: sandboxOptions,
  async load() {
    const { SandboxDriver } = await import('./driver.js');
    return new SandboxDriver();
  },
});
