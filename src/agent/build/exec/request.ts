import type { ProgressMessage } from '../../../api/progress.js';
import type { Digest } from '../../../shared/digest.js';
import type { KeyedMutex } from '../../../shared/keyed-mutex.js';
import type { ImageConfig } from '../../image/image-config.js';
import type { Image, ImageStore } from '../../image/image-store.js';
import type { LayerStore, NewLayer } from '../../layer/layer-store.js';
import type { IdMap } from '../../userns/id-map.js';
import type { StepCache } from '../cache/step-cache.js';
import type { SourceTree } from '../copy/source-tree.js';
import type { BuildProgress } from '../output/progress.js';

export interface BuildPlatform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

/** What is to be built; where it comes from and who asks is the front's business. */
export interface BuildRequest {
  /** The text of the Dockerfile, and its name for messages. */
  readonly dockerfile: string;
  readonly dockerfileName: string;
  /** Undefined where there is only a Dockerfile. */
  readonly context: ContextSource | undefined;
  /** What stands for a name after FROM or `from=`, in place of a stage or an image. */
  namedContext?(name: string): NamedContext | undefined;
  readonly target?: string | undefined;
  readonly buildArgs: ReadonlyMap<string, string>;
  readonly labels: ReadonlyMap<string, string>;
  readonly platform: BuildPlatform;
  /** Or only in these stages. */
  readonly noCache: boolean | ReadonlySet<string>;
  /** Base images are pulled even if they are there. */
  readonly pull: boolean;
  /** Images whose steps count as cached. */
  readonly cacheFrom: readonly string[];
  /** Where there are such images, steps of earlier builds count only as parts of them: so the classic builder. */
  readonly cacheFromOnly: boolean;
  /** A step that was made elsewhere, its layers brought here; undefined when nobody has made it. */
  importStep?(key: Digest): Promise<ImportedStep | undefined>;
  readonly progress: BuildProgress;
  /** RUN --mount=type=secret; undefined when the client has no such secret. */
  secret?(id: string): Promise<Buffer | undefined>;
  /** RUN --mount=type=ssh: a socket of this host that leads to the client's agent; undefined when it has none. */
  ssh?(id: string): Promise<AgentSocket | undefined>;
  readonly signal: AbortSignal;
}

/** Files for COPY and ADD; fetched when they are first needed. */
export interface ContextSource {
  /** What is not below one of `paths` may be left out; without them nothing is. */
  tree(paths?: readonly string[]): Promise<SourceTree>;
}

export type NamedContext =
  | { readonly kind: 'image'; readonly name: string }
  | { readonly kind: 'files'; readonly source: ContextSource }
  | { readonly kind: 'built'; config(): Promise<ImageConfig> };

/** Its layers are kept until disposal. */
export interface ImportedStep extends AsyncDisposable {
  readonly config: ImageConfig;
}

/** One step of a build with its result. */
export interface BuiltStep {
  /** Of the step, and of what it was made upon: an image or a step; undefined for nothing. */
  readonly key: Digest;
  readonly parent: Digest | undefined;
  readonly config: ImageConfig;
  /** The instruction. */
  readonly source: string;
}

export interface AgentSocket extends AsyncDisposable {
  readonly path: string;
}

/** An image that is whole, but not yet registered; its layers are kept until disposal. */
export interface BuiltImage extends AsyncDisposable {
  readonly config: ImageConfig;
  readonly configBlob: Buffer;
  /** Of all stages that were built. */
  readonly steps: readonly BuiltStep[];
}

/** What a build works with. */
export interface BuildContext {
  readonly images: ImageStore;
  readonly layers: LayerStore;
  readonly cache: StepCache;
  readonly commands: CommandRunner;
  /** Directory of the builder's own, for what it downloads and for cache mounts. */
  readonly directory: string;
  /** On a tmpfs where the host has one: for secrets. */
  readonly runDirectory: string;
  readonly locks: KeyedMutex;
  /** Under which commands run. Layers and files of the builder's own have the owners that an image has. */
  readonly idMap?: IdMap | undefined;
  /** Resolves an image by its name, pulling it where it is not there or `pull` is set. */
  base(name: string, options: BaseOptions): Promise<Image>;
}

export interface BaseOptions {
  readonly pull: boolean;
  readonly platform: BuildPlatform | undefined;
  /** How pulling goes. */
  readonly pulling: (message: ProgressMessage) => void;
  readonly signal: AbortSignal;
}

export interface CommandMount {
  readonly type: 'bind' | 'tmpfs';
  /** Of this host; empty for a tmpfs. */
  readonly source: string;
  /** Absolute, in the container. */
  readonly target: string;
  readonly readonly: boolean;
  /** Bytes, for a tmpfs. */
  readonly size?: number | undefined;
}

export interface CommandRequest {
  /** What the command runs upon. */
  readonly image: { readonly id: Digest; readonly config: ImageConfig; readonly chainId: Digest | undefined };
  readonly argv: readonly string[];
  readonly env: readonly string[];
  readonly user: string;
  readonly workingDirectory: string;
  readonly mounts: readonly CommandMount[];
  /** RUN --network; undefined for the build's own. */
  readonly network: string | undefined;
  readonly output: (stream: 'stdout' | 'stderr', chunk: Buffer) => Promise<void>;
  readonly started: (container: string) => void;
  readonly removed: (container: string) => void;
  readonly signal: AbortSignal;
}

/** Runs RUN steps in containers. */
export interface CommandRunner {
  /** Answers the layer of what the command has changed, if anything. Throws BUILD_COMMAND_FAILED. */
  run(request: CommandRequest): Promise<NewLayer | undefined>;
}
