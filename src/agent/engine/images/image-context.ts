import type { ImageStore } from '../../image/image-store.js';
import type { LayerStore } from '../../layer/layer-store.js';
import type { Puller, Pusher } from '../../registry/puller.js';
import type { RegistryDirectory } from '../../registry/registry-directory.js';
import type { ImagePolicyFile } from '../../trust/image-policy-file.js';
import type { ContainerStore } from '../containers/container-store.js';
import type { EventBus } from '../event-bus.js';

/** What the image use cases work with. */
export interface ImageContext {
  readonly images: ImageStore;
  readonly layers: LayerStore;
  readonly puller: Puller;
  readonly pusher: Pusher;
  readonly directory: RegistryDirectory;
  readonly policy: ImagePolicyFile;
  readonly containers: ContainerStore;
  readonly events: EventBus;
}
