import { defineDriver } from 'tsmachine/driver';
import { rackOptions } from './options.js';
import type { RackInstance } from './rack-driver.js';

/** The export that package.json's "tsmachine" names; the code that does the work is loaded when it is needed. */
export const driver = defineDriver<typeof rackOptions, RackInstance>({
  apiVersion: 1,
  name: 'rack',
  summary: 'the next free host of an inventory file',
  options: rackOptions,
  async load() {
    const { RackDriver } = await import('./rack-driver.js');
    return new RackDriver();
  },
});
