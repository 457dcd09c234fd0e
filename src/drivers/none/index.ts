import { defineDriver } from '../driver.js';
import type { NoneInstance } from './driver.js';
import { noneOptions } from './options.js';

export const none = defineDriver<typeof noneOptions, NoneInstance>({
  apiVersion: 1,
  name: 'none',
  summary: 'an engine that is there already: a URL and certificates',
  options: noneOptions,
  async load() {
    const { NoneDriver } = await import('./driver.js');
    return new NoneDriver();
  },
});
