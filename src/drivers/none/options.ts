import type { DriverOptions, OptionValues } from '../options.js';

export const noneOptions = {
  url: {
    type: 'string',
    required: true,
    description: 'where the engine listens with mutual TLS, tcp://HOST[:PORT]',
    aliases: ['url'],
  },
  ca: {
    type: 'string',
    description: "certificate of the engine's authority; copied. Without these three files: the store's own",
  },
  cert: { type: 'string', description: 'client certificate; copied' },
  key: { type: 'string', description: 'key of the client certificate; copied' },
} as const satisfies DriverOptions;

export type NoneOptions = OptionValues<typeof noneOptions>;
