import type { ProgressMessage } from '../../../api/progress.js';
import type { BuildProgress, StepInfo, StepProgress } from '../../build/output/progress.js';
import { formatReference, parseReference, withDefaultTag } from '../../image/reference.js';
import type { BuildStatus } from './build-status.js';
import { buildKitError } from './buildkit-error.js';
import type { Vertex } from './vertex.js';

/** Steps of the builder as BuildKit's clients draw them: instructions that make no files are not shown. */
export class StepVertices implements BuildProgress {
  readonly #status: BuildStatus;
  readonly #failures = new WeakMap<object, StepInfo>();

  constructor(status: BuildStatus) {
    this.#status = status;
  }

  argument(): void {}

  step(info: StepInfo): StepProgress {
    const vertex = info.position && this.#status.vertex(nameOf(info, info.position));
    const failed = (error: unknown) => {
      if (typeof error === 'object' && error !== null) this.#failures.set(error, info);
    };
    return new StepVertex(vertex, failed);
  }

  note(text: string): void {
    this.#status.warn(text.replace(/^\[Warning\] /, '').trimEnd());
  }

  /** The step that an error has ended. */
  failedStep(error: unknown): StepInfo | undefined {
    return typeof error === 'object' && error !== null ? this.#failures.get(error) : undefined;
  }
}

/** "[build 2/3] RUN make". */
function nameOf(
  { stage, stageName, stages, source, image }: StepInfo,
  { index, total }: { readonly index: number; readonly total: number },
): string {
  const prefix = stages === 1 ? '' : `${stageName ?? `stage-${stage}`} `;
  const number = String(index).padStart(String(total).length);
  return `[${prefix}${number}/${total}] ${image === undefined ? source : `FROM ${fullName(image)}`}`;
}

export function fullName(image: string): string {
  try {
    return formatReference(withDefaultTag(parseReference(image)));
  } catch {
    return image; // it fails where it is used
  }
}

class StepVertex implements StepProgress {
  readonly #vertex: Vertex | undefined;
  readonly #failed: (error: unknown) => void;

  constructor(vertex: Vertex | undefined, failed: (error: unknown) => void) {
    this.#vertex = vertex;
    this.#failed = failed;
  }

  cached(): void {
    this.#vertex?.cached();
  }

  async log(stream: 'stdout' | 'stderr', chunk: Buffer): Promise<void> {
    await this.#vertex?.write(stream, chunk);
  }

  note(): void {}

  container(): void {}

  containerRemoved(): void {}

  pulling({ id, status = '', progressDetail }: ProgressMessage): void {
    if (id === undefined || status.startsWith('Pulling from')) return;
    const done = status === 'Pull complete' || status === 'Already exists';
    this.#vertex?.item(id, {
      current: progressDetail?.current ?? 0,
      total: progressDetail?.total ?? 0,
      done,
    });
  }

  failed(error: unknown): void {
    this.#failed(error);
    this.#vertex?.failed(buildKitError(error));
  }

  completed(): void {
    this.#vertex?.completed();
  }
}
