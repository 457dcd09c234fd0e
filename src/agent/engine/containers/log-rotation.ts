import { stat } from 'node:fs/promises';
import { errorMessage, systemErrorCode } from '../../../shared/errors.js';
import { rotateLog } from '../../logs/rotate-log.js';
import type { Container } from './container.js';
import type { ContainerContext } from './context.js';
import { logLimits } from './log-config.js';

/**
 * Rotates the logs of running containers that have a limit. The monitor writes them without the agent, so their
 * sizes are looked at again and again; a file gets larger than its limit by what is written in between.
 */
export class LogRotation implements Disposable {
  readonly #context: ContainerContext;
  readonly #timer: NodeJS.Timeout;
  readonly #rotating = new Set<string>();

  constructor(context: ContainerContext) {
    this.#context = context;
    this.#timer = setInterval(() => this.#look(), INTERVAL_MS);
    this.#timer.unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    for (const container of this.#context.store.list()) {
      const { LogConfig } = container.record.hostConfig;
      if (!container.running || !LogConfig || this.#rotating.has(container.id)) continue;
      const { maxSize } = logLimits(LogConfig);
      if (maxSize === undefined) continue;
      this.#rotating.add(container.id);
      this.#rotateBeyond(container, maxSize)
        .catch((error) => {
          this.#context.log.error('log is not rotated', {
            container: container.id,
            error: errorMessage(error),
          });
        })
        .finally(() => this.#rotating.delete(container.id));
    }
  }

  async #rotateBeyond({ id, record }: Container, maxSize: number): Promise<void> {
    const { paths, runtime } = this.#context;
    if ((await sizeOf(paths.log(id))) < maxSize) return;
    await rotateLog(paths.log(id), {
      ...logLimits(record.hostConfig.LogConfig ?? {}),
      reopen: () => runtime.reopenLog(id, paths.log(id)),
    });
  }
}

const INTERVAL_MS = 250;

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return 0;
    throw error;
  }
}
