import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnyDriver, AnyDriverDefinition, CreateContext, OperationContext } from '../drivers/driver.js';
import { randomId, shortId } from '../shared/identifiers.js';
import type { JsonObject } from '../shared/json.js';
import { silentReporter } from '../shared/reporter.js';

/** The driver to be judged, and what only its author can say of it. */
export interface DriverSubject {
  readonly definition: AnyDriverDefinition;
  /** Options with which one more host can be made. Called once for each host. */
  options(): Promise<JsonObject>;
  /**
   * What exists at the provider, one line each, in any form: the same before a host is made and after it was removed.
   */
  everything(): Promise<readonly string[]>;
  /** Values that must never be found in an instance. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** For one test; default 120 s. */
  readonly timeoutMs?: number;
}

/** One host in the making: a directory of its own, and every instance that was checkpointed. */
export interface Attempt extends AsyncDisposable {
  readonly driver: AnyDriver;
  readonly options: JsonObject;
  readonly context: CreateContext<JsonObject>;
  /** As a store would have them: serialized and parsed again. */
  readonly checkpoints: readonly JsonObject[];
  readonly abort: AbortController;
}

export interface AttemptHooks {
  /** Called after the checkpoint of this number (from 1) was stored. */
  onCheckpoint?(number: number, attempt: Attempt): void;
}

export async function begin(subject: DriverSubject, hooks: AttemptHooks = {}): Promise<Attempt> {
  const directory = await mkdtemp(join(tmpdir(), 'driver-conformance-'));
  const abort = new AbortController();
  const checkpoints: JsonObject[] = [];
  const name = `conformance-${shortId(randomId()).slice(0, 6)}`;
  const attempt: Attempt = {
    driver: await subject.definition.load(),
    options: await subject.options(),
    checkpoints,
    abort,
    context: {
      ...operation(subject, abort.signal),
      machineName: name,
      directory,
      ownerTag: `tsmachine-conformance-${name}`,
      async checkpoint(instance) {
        checkpoints.push(stored(instance));
        hooks.onCheckpoint?.(checkpoints.length, attempt);
      },
    },
    async [Symbol.asyncDispose]() {
      const last = checkpoints.at(-1);
      if (last) await attempt.driver.remove(last, operation(subject));
      await rm(directory, { recursive: true, force: true });
    },
  };
  return attempt;
}

export function operation(
  subject: DriverSubject,
  signal: AbortSignal = AbortSignal.timeout(subject.timeoutMs ?? 120_000),
): OperationContext {
  return {
    signal,
    reporter: silentReporter,
    secrets: { get: async (option) => subject.secrets?.[option] },
  };
}

/** What comes back from a store. Throws where the value is not plain JSON. */
export function stored(instance: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(instance)) as JsonObject;
}
