import type { Clock } from '../../../shared/clock.js';
import type { KeyedMutex } from '../../../shared/keyed-mutex.js';
import type { Logger } from '../../../shared/logger.js';
import type { ImageStore } from '../../image/image-store.js';
import type { LayerStore } from '../../layer/layer-store.js';
import type { Networks } from '../../network/network.js';
import type { ContainerRuntime } from '../../runtime/runtime.js';
import type { HostFacts } from '../../runtime/spec/run-spec.js';
import type { IdMap } from '../../userns/id-map.js';
import type { VolumeStore } from '../../volume/volume-store.js';
import type { EventBus } from '../event-bus.js';
import type { Container } from './container.js';
import type { ContainerStore } from './container-store.js';
import type { LogConfig } from './log-config.js';
import type { ContainerPaths } from './paths.js';

/** What the container use cases work with. One operation per container at a time: `locks`, by ID. */
export interface ContainerContext {
  readonly store: ContainerStore;
  readonly locks: KeyedMutex;
  readonly paths: ContainerPaths;
  readonly runtime: ContainerRuntime;
  readonly host: HostFacts;
  readonly layers: LayerStore;
  readonly images: ImageStore;
  readonly networks: Networks;
  /** Of containers that do not ask for the host's users; undefined where IDs are the host's. */
  readonly idMap?: IdMap | undefined;
  readonly volumes: VolumeStore;
  readonly events: EventBus;
  /** For containers that do not choose a log driver, or the same one without options. */
  readonly logDefaults: LogConfig;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Publishes a container event with Docker's attributes: image, name, the labels, and what the action adds. */
export function publish(
  { events }: ContainerContext,
  { record }: Container,
  action: string,
  attributes: Readonly<Record<string, string>> = {},
): void {
  events.publish({
    type: 'container',
    action,
    id: record.id,
    attributes: {
      ...record.config.Labels,
      ...attributes,
      image: record.config.Image ?? '',
      name: record.name,
    },
  });
}
