import type { Readable } from 'node:stream';
import type { ImageConfig } from '../../image/image-config.js';
import type { BuildHost } from '../build-host.js';
import type { LoadContext } from './load-dockerfile.js';

export interface SolveContext extends LoadContext {
  readonly host: BuildHost;
  /** What "input:…" names: the result of another build. */
  readonly inputs: ReadonlyMap<string, ImageConfig>;
  /** What the client sends beside its session, by the context's name. */
  readonly uploads?: ReadonlyMap<string, Readable>;
}
