import { Flags, type Interfaces } from '@oclif/core';
import type { ImageOptions } from '../../compose/engine/ensure-images.js';
import type { CreationOptions } from '../../compose/engine/up.js';
import type { RecreatePolicy } from '../../compose/plan/divergence.js';
import { flagInvalid } from '../docker/errors.js';
import { repeatable } from '../flags.js';
import { flagsConflict } from './errors.js';
import type { OpenProject } from './project-command.js';
import { orphanPolicy } from './settings.js';

/** Of `up` and `create`. */
export const creationFlags = {
  build: Flags.boolean({ description: 'build images before' }),
  'no-build': Flags.boolean({ description: 'do not build, even where an image is missing' }),
  'force-recreate': Flags.boolean({ description: 'make containers anew, even if nothing has changed' }),
  'no-recreate': Flags.boolean({
    description: 'leave containers as they are, even if something has changed',
  }),
  pull: Flags.option({ options: ['always', 'missing', 'never', 'build', 'policy'] })({
    description: "when to pull images; else each service's pull_policy",
  }),
  'quiet-pull': Flags.boolean({ description: 'show nothing of what pulls do' }),
  'remove-orphans': Flags.boolean({
    description: 'remove containers of services that the files do not have',
  }),
  scale: repeatable('number of containers of a service, SERVICE=NUMBER'),
};

export type CreationFlags = Interfaces.InferredFlags<typeof creationFlags>;

export interface MoreCreationFlags {
  readonly 'always-recreate-deps'?: boolean;
  readonly 'renew-anon-volumes'?: boolean;
  readonly 'all-resources': boolean;
}

/** Throws FLAGS_CONFLICT. */
export function creationOptions(
  flags: CreationFlags & MoreCreationFlags,
  { services, settings }: Pick<OpenProject, 'services' | 'settings'>,
  named: readonly string[],
): CreationOptions {
  refuse(
    flags['force-recreate'] && flags['no-recreate'],
    '--force-recreate and --no-recreate are incompatible',
  );
  refuse(flags.build && flags['no-build'], '--build and --no-build are incompatible');
  refuse(
    flags['always-recreate-deps'] && flags['no-recreate'],
    '--always-recreate-deps and --no-recreate are incompatible',
  );
  const own: RecreatePolicy = flags['force-recreate'] ? 'force' : flags['no-recreate'] ? 'never' : 'diverged';
  const others: RecreatePolicy = flags['always-recreate-deps']
    ? 'force'
    : flags['no-recreate']
      ? 'never'
      : 'diverged';
  const isNamed = (service: string) => named.length === 0 || named.includes(service);
  return {
    services,
    policyOf: (service) => (isNamed(service) ? own : others),
    renewVolumes: flags['renew-anon-volumes'] ?? false,
    orphans: orphanPolicy(flags['remove-orphans'], settings),
    allResources: flags['all-resources'],
    images: imageOptions(flags),
  };
}

function imageOptions(flags: CreationFlags): ImageOptions {
  return {
    pull: flags.pull === 'policy' ? undefined : flags.pull,
    build: flags.build ? 'always' : flags['no-build'] ? 'never' : 'missing',
  };
}

function refuse(isWrong: boolean | undefined, message: string): void {
  if (isWrong) throw flagsConflict(message);
}

/** SERVICE=NUMBER. Throws FLAG_INVALID. */
export function parseScales(flag: string, texts: readonly string[]): ReadonlyMap<string, number> {
  return new Map(
    texts.map((text) => {
      const [, service, number] = /^([^=]+)=(\d+)$/.exec(text) ?? [];
      if (service === undefined) throw flagInvalid(flag, text, 'write SERVICE=NUMBER');
      return [service, Number(number)] as const;
    }),
  );
}
