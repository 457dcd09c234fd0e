import type { EngineClient } from '../../api/client/engine-client.js';
import { inspectImage } from '../../api/client/images.js';
import { isTsmachineError } from '../../shared/errors.js';
import { isJsonObject } from '../../shared/json.js';
import { settleAll } from '../../shared/settle-all.js';
import type { Service } from '../model/service.js';
import { imageName } from '../naming.js';
import { machineOf } from '../placement.js';
import { imageMissing } from '../plan/errors.js';
import type { ServiceImage } from '../plan/plan-creation.js';
import { type EngineContext, thing } from './context.js';
import { pullAgeMs } from './pull-age.js';

/** How images come to machines; told to the progress by whoever does it. */
export interface ImageSource {
  pull(client: EngineClient, image: string, service: Service): Promise<void>;
  build(client: EngineClient, image: string, service: Service): Promise<void>;
}

export interface ImageOptions {
  /** `always`, `missing`, `never` or `build`; else each service's own. */
  readonly pull: string | undefined;
  readonly build: 'always' | 'missing' | 'never';
}

/** Sees to it that every service's image is on its machine. What is known of each afterwards. Throws IMAGE_MISSING. */
export async function ensureImages(
  context: EngineContext,
  names: readonly string[],
  source: ImageSource,
  options: ImageOptions,
): Promise<ReadonlyMap<string, ServiceImage>> {
  const { project, fleet, parallel } = context;
  const services = names.flatMap((name) => project.services[name] ?? []);
  // Services with the same image on the same machine wait for one and the same work.
  const works = new Map<string, Promise<ServiceImage>>();
  const results = await settleAll(services, parallel, async (service) => {
    const machine = machineOf(project, service, fleet.home);
    const key = `${machine}/${imageName(project, service)}`;
    const work = works.get(key) ?? ensureImage(context, machine, service, source, options);
    works.set(key, work);
    return [service.name, await work] as const;
  });
  context.signal.throwIfAborted();
  return new Map(
    results.map((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    }),
  );
}

async function ensureImage(
  context: EngineContext,
  machine: string,
  service: Service,
  source: ImageSource,
  options: ImageOptions,
): Promise<ServiceImage> {
  const client = context.fleet.client(machine);
  const image = imageName(context.project, service);
  const found = await findImage(client, image, context.signal);
  const way = imageWay(service, found, options);
  if (way === 'missing') throw imageMissing(image, service.name);
  if (context.dryRun) return found ?? { id: '', volumes: [] };
  if (way === 'pull') await pullOrBuild(context, machine, service, source, options);
  if (way === 'build') await source.build(client, image, service);
  if (way === 'keep' && found) return found;
  const made = await findImage(client, image, context.signal);
  if (!made) throw imageMissing(image, service.name);
  return made;
}

export type ImageWay = 'keep' | 'pull' | 'build' | 'missing';

/** What is to be done for a service's image. */
export function imageWay(
  service: Service,
  found: Pick<FoundImage, 'taggedAt'> | undefined,
  options: ImageOptions,
): ImageWay {
  const policy = options.pull ?? service.pullPolicy ?? 'missing';
  const mayBuild = service.build !== undefined && options.build !== 'never';
  if (mayBuild && (options.build === 'always' || policy === 'build')) return 'build';
  if (policy === 'always' && service.image !== undefined) return 'pull';
  if (found && service.image !== undefined && isOlder(found, pullAgeMs(policy))) return 'pull';
  if (found) return 'keep';
  if (service.image !== undefined && policy !== 'never' && policy !== 'build') return 'pull';
  return mayBuild ? 'build' : 'missing';
}

/** Of an image whose age the engine does not know it is as if it were older than anything. */
function isOlder({ taggedAt }: Pick<FoundImage, 'taggedAt'>, ageMs: number | undefined): boolean {
  return ageMs !== undefined && Date.now() - (taggedAt ?? 0) > ageMs;
}

/** An image that can be built need not be in a registry. */
async function pullOrBuild(
  context: EngineContext,
  machine: string,
  service: Service,
  source: ImageSource,
  options: ImageOptions,
): Promise<void> {
  const client = context.fleet.client(machine);
  const image = imageName(context.project, service);
  try {
    await source.pull(client, image, service);
  } catch (error) {
    context.signal.throwIfAborted();
    if (!service.build || options.build === 'never') throw error;
    const id = thing(context, 'Image', image, machine);
    context.progress.event({ id, status: 'warning', text: 'Not in a registry, building it' });
    await source.build(client, image, service);
  }
}

interface FoundImage extends ServiceImage {
  /** When it was pulled or tagged last; absent where the engine does not tell. */
  readonly taggedAt?: number;
}

export async function findImage(
  client: EngineClient,
  image: string,
  signal: AbortSignal,
): Promise<FoundImage | undefined> {
  try {
    const { Id, Config, Metadata } = await inspectImage(client, image, signal);
    const config: unknown = Config;
    const volumes = isJsonObject(config) && isJsonObject(config['Volumes']) ? config['Volumes'] : {};
    const taggedAt = Date.parse(Metadata?.LastTagTime ?? '');
    return { id: Id, volumes: Object.keys(volumes), ...(taggedAt > 0 && { taggedAt }) };
  } catch (error) {
    if (isTsmachineError(error) && error.kind === 'not-found') return undefined;
    throw error;
  }
}
