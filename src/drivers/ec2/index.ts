import { defineDriver } from '../driver.js';
import type { Ec2Instance } from './instance.js';
import { ec2Options } from './options.js';

export const ec2 = defineDriver<typeof ec2Options, Ec2Instance>({
  apiVersion: 1,
  name: 'ec2',
  aliases: ['amazonec2'],
  summary: 'an instance of Amazon EC2, or of a cloud that speaks its protocol',
  options: ec2Options,
  async load() {
    const { Ec2Driver } = await import('./driver.js');
    return new Ec2Driver();
  },
});
