import type { EngineClient } from '../../api/client/engine-client.js';
import { pullImage } from '../../api/client/images.js';
import type { ImageSource } from '../../compose/engine/ensure-images.js';
import type { Progress } from '../../compose/engine/progress.js';
import type { Project } from '../../compose/model/project.js';
import type { Service } from '../../compose/model/service.js';
import type { BuildDisplay } from '../docker/build/progress/display.js';
import { parseImageReference } from '../docker/image-reference.js';
import { PullProgress } from './pull-progress.js';
import type { RegistryLogins } from './registry-logins.js';
import type { BuildChoice } from './service-build.js';
import { ServiceBuilder, type ServiceBuilderOptions } from './service-builder.js';

export interface ImageSourceOptions {
  readonly project: Project;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly build: BuildChoice;
  /** Opened for builds by BuildKit. */
  readonly builds: () => BuildDisplay;
  readonly surroundings: ServiceBuilderOptions['surroundings'];
  /** The same image may be built again and again. */
  readonly repeats: boolean;
  /** Show nothing of what pulls do. */
  readonly quietPull: boolean;
  /** What the engine says of a build. */
  print(text: string): void;
  readonly logins: RegistryLogins;
}

export const plainBuild: BuildChoice = { noCache: false, pull: false, args: {}, memory: undefined, ssh: [] };

/** Pulls from registries and builds with the engine, and tells the progress. */
export function imageSource(options: ImageSourceOptions): ImageSource {
  const { progress, signal, logins } = options;
  const newBuilder = () => new ServiceBuilder({ ...options, choice: options.build });
  const builder = options.repeats ? undefined : newBuilder();
  const told = options.quietPull ? { ...silent, warn: progress.warn.bind(progress) } : progress;
  return {
    async pull(client, image, service) {
      await telling(told, service.name, ['Pulling', 'Pulled'], () =>
        pull(client, image, service, { progress: told, signal, logins }),
      );
    },
    async build(client, image, service) {
      await telling(progress, service.name, ['Building', 'Built'], () =>
        (builder ?? newBuilder()).build(client, service, image),
      );
    },
  };
}

const silent = { event() {} };

async function telling(
  progress: Progress,
  id: string,
  [begun, ended]: readonly [string, string],
  work: () => Promise<void>,
): Promise<void> {
  progress.event({ id, status: 'working', text: begun });
  try {
    await work();
  } catch (error) {
    progress.event({ id, status: 'error', text: 'Error' });
    throw error;
  }
  progress.event({ id, status: 'done', text: ended });
}

async function pull(
  client: EngineClient,
  image: string,
  service: Service,
  { progress, signal, logins }: Pick<ImageSourceOptions, 'progress' | 'signal' | 'logins'>,
): Promise<void> {
  const { name, tag } = parseImageReference(image);
  const authorization = await logins.authorize(name);
  const shown = new PullProgress(progress, service.name);
  const messages = pullImage(client, { name, tag, platform: service.platform, authorization }, signal);
  for await (const message of messages) shown.note(message);
}
