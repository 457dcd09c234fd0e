import { type Value, valueText } from '../file/value.js';
import type { DeviceRequest } from '../model/deploy.js';
import type { FileReference, Ulimit } from '../model/elements.js';
import type { Hook } from '../model/service.js';
import { type Codec, field, object, ShapeError } from './codec.js';
import { command, labels, texts, variables } from './collections.js';
import { flag, number, numberOrZero, requiredText, text } from './scalars.js';

export const fileReference = object<FileReference>({
  source: field('source', requiredText),
  target: field('target', text),
  uid: field('uid', text),
  gid: field('gid', text),
  mode: field('mode', numberOrZero),
});

const softAndHard = object<Ulimit>({
  single: field('single', number),
  soft: field('soft', number),
  hard: field('hard', number),
});

/** A number for both limits, or a mapping of the two. */
export const ulimit: Codec<Ulimit> = {
  decode: (value, at) => softAndHard.decode(typeof value === 'object' ? value : { single: value ?? 0 }, at),
  yaml: ({ single, soft = 0, hard = 0 }) =>
    single ?? new Map([['soft', soft] as const, ['hard', hard] as const]),
  json: (value) => value.single ?? softAndHard.json(value),
};

const deviceCount: Codec<number | undefined> = {
  ...number,
  decode(value, at) {
    if (typeof value === 'string' && value.toLowerCase() === 'all') return -1;
    return number.decode(value, at);
  },
};

/** It has no extensions. */
export const deviceRequest: Codec<DeviceRequest> = withoutExtensions(
  object<DeviceRequest>({
    capabilities: field('capabilities', texts),
    driver: field('driver', text),
    count: field('count', deviceCount),
    deviceIds: field('device_ids', texts),
    options: field('options', labels),
  }),
);

export const hook = object<Hook>({
  command: field('command', command),
  user: field('user', text),
  privileged: field('privileged', flag),
  workingDir: field('working_dir', text),
  environment: field('environment', variables),
});

/** A value that is one of a few words. */
export function oneOf<const W extends string>(...words: readonly W[]): Codec<W> {
  return {
    decode(value, at) {
      const found = words.find((word) => word === valueText(value ?? null));
      if (found !== undefined) return found;
      throw new ShapeError(at, `must be one of ${words.join(', ')}, not "${valueText(value ?? null)}"`);
    },
    yaml: (value) => value,
    json: (value) => value,
  };
}

export function withoutExtensions<T extends object>(codec: Codec<T>): Codec<T> {
  return {
    ...codec,
    decode(value: Value | undefined, at) {
      const { extensions: _, ...rest } = { extensions: {}, ...codec.decode(value, at) };
      // What is left is all that T has.
      return rest as unknown as T;
    },
  };
}
