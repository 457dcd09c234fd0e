import type { DriverOptions, OptionValues } from 'tsmachine/driver';

/** Option `inventory` becomes the flag `--rack-inventory`. */
export const rackOptions = {
  inventory: {
    type: 'string',
    required: true,
    description: 'JSON file: [{"host": "192.0.2.7", "port": 22, "user": "root"}, …]',
    env: ['RACK_INVENTORY'],
  },
  key: {
    type: 'string',
    required: true,
    description: 'private key that logs in to every host of the rack',
    env: ['RACK_KEY'],
  },
} as const satisfies DriverOptions;

export type RackOptions = OptionValues<typeof rackOptions>;
