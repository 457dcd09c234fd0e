import type { ContainerPort, ContainerSummary } from '../../../api/container.js';
import type { Filters } from '../../../api/filters.js';
import type { Image } from '../../image/image-store.js';
import type { Container } from './container.js';
import type { ContainerContext } from './context.js';
import { networksOf, sizes, wireMount } from './inspect.js';
import { linkNames } from './links.js';
import { compareTimes, containerFilter } from './list-filter.js';
import { portList } from './ports.js';
import { argvOf, type ContainerRecord } from './record.js';
import { statusText } from './status-text.js';

export interface ListOptions {
  readonly all: boolean;
  readonly size: boolean;
  /** The last so many, whether they run or not. */
  readonly limit?: number | undefined;
  readonly filters: Filters;
}

/** The newest first. */
export async function listContainers(
  context: ContainerContext,
  { all, size, limit, filters }: ListOptions,
): Promise<readonly ContainerSummary[]> {
  const images = await context.images.list();
  const test = containerFilter(filters, {
    store: context.store,
    imageIds: imageIds(images),
    networks: context.networks.list(),
    parents: new Map(images.map(({ id, parent }) => [id, parent])),
    ports: ({ record }) => portsOf(context, record),
  });
  const unlimited = all || (limit ?? 0) > 0 || filters.has('status'); // nothing else, as with dockerd
  const shown = context.store
    .list()
    .filter((container) => (unlimited || isUp(container)) && test(container))
    .sort((a, b) => compareTimes(b.record.created, a.record.created))
    .slice(0, limit && limit > 0 ? limit : undefined);
  const byId = new Map(images.map((image) => [image.id as string, image]));
  return Promise.all(shown.map((container) => summary(context, container, byId, size)));
}

function portsOf(
  { networks }: ContainerContext,
  { id, config, state }: ContainerRecord,
): readonly ContainerPort[] {
  return state.pid === 0 ? [] : portList(config, networks.sandbox(id)?.ports ?? []);
}

function isUp({ record }: Container): boolean {
  return ['running', 'paused', 'restarting'].includes(record.state.status);
}

function imageIds(images: readonly Image[]): ReadonlyMap<string, string> {
  return new Map(
    images.flatMap(({ id, repoTags, repoDigests }) => [
      [id, id],
      [id.slice('sha256:'.length), id],
      [id.slice('sha256:'.length).slice(0, 12), id],
      ...repoTags.map((tag) => [tag, id] as const),
      ...repoTags.filter((tag) => tag.endsWith(':latest')).map((tag) => [tag.slice(0, -7), id] as const),
      ...repoDigests.map((digest) => [digest, id] as const),
    ]),
  );
}

async function summary(
  context: ContainerContext,
  { record }: Container,
  images: ReadonlyMap<string, Image>,
  withSize: boolean,
): Promise<ContainerSummary> {
  return {
    Id: record.id,
    Names: [`/${record.name}`, ...linkNames(context, record.id)],
    Image: imageName(record.config.Image ?? '', images.get(record.imageId), record.imageId),
    ImageID: record.imageId,
    Command: commandText(argvOf(record.config)),
    Created: Math.trunc(Date.parse(record.created) / 1000),
    Ports: portsOf(context, record),
    ...(withSize && (await sizes(context, record))),
    Labels: record.config.Labels ?? {},
    State: record.state.status,
    Status: statusText(record.state, context.clock.now()),
    HostConfig: { NetworkMode: record.hostConfig.NetworkMode ?? 'bridge' },
    NetworkSettings: { Networks: networksOf(context, record) },
    Mounts: record.mounts.map(wireMount),
  };
}

/** The name it was made with, as long as that names the same image; then the ID. */
function imageName(given: string, image: Image | undefined, id: string): string {
  if (!image) return id;
  const names = new Set([...image.repoTags, ...image.repoDigests]);
  const isName = names.has(given) || names.has(`${given}:latest`) || given.includes('/');
  return isName || id.includes(given) ? given : id;
}

/** dockerd quotes an argument with spaces with single quotes. */
function commandText(argv: readonly string[]): string {
  return argv.map((word) => (word.includes(' ') ? `'${word}'` : word)).join(' ');
}
