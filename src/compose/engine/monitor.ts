import type { IncomingMessage } from 'node:http';
import { encodeFilters } from '../../api/client/containers.js';
import { jsonLines } from '../../api/client/json-lines.js';
import type { EventMessage } from '../../api/event.js';
import type { Fleet } from '../fleet.js';
import { label } from '../labels.js';

/** Something that happened to a container of the project. */
export interface ContainerEvent {
  readonly machine: string;
  readonly id: string;
  readonly name: string;
  readonly service: string;
  readonly oneOff: boolean;
  readonly action: string;
  /** The container in whose place it was created. */
  readonly replaces: string | undefined;
  /** Of `die`. */
  readonly exitCode: number | undefined;
  readonly message: EventMessage;
}

export interface Monitor extends Disposable {
  /** Ends when it is disposed. Of several machines as they come. */
  readonly events: AsyncIterable<ContainerEvent>;
}

/** Hears of everything that happens from the moment on when this resolves. */
export async function watchContainers(fleet: Fleet, project: string, signal: AbortSignal): Promise<Monitor> {
  const query = {
    filters: encodeFilters({ type: ['container'], label: [`${label.project}=${project}`] }),
  };
  const request = { method: 'GET', path: '/events', query, signal, timeoutMs: 10_000 } as const;
  const responses = await Promise.all(
    fleet.machines.map(async (machine) => ({
      machine,
      response: await fleet.client(machine).request(request),
    })),
  );
  const onAbort = () => {
    for (const { response } of responses) response.destroy();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  return {
    events: merged(responses),
    [Symbol.dispose]() {
      signal.removeEventListener('abort', onAbort);
      onAbort();
    },
  };
}

interface Source {
  readonly machine: string;
  readonly response: IncomingMessage;
}

async function* merged(sources: readonly Source[]): AsyncGenerator<ContainerEvent> {
  const queue: ContainerEvent[] = [];
  let open = sources.length;
  let wake = Promise.withResolvers<void>();
  for (const source of sources) {
    void read(source, (event) => {
      queue.push(event);
      wake.resolve();
    }).finally(() => {
      open -= 1;
      wake.resolve();
    });
  }
  for (;;) {
    yield* queue.splice(0);
    if (open === 0 && queue.length === 0) return;
    await wake.promise;
    wake = Promise.withResolvers<void>();
  }
}

/** A connection that breaks ends it: whoever needs the engine next is told why. */
async function read({ machine, response }: Source, push: (event: ContainerEvent) => void): Promise<void> {
  try {
    // The shape is the engine's promise.
    for await (const line of jsonLines(response)) push(containerEvent(machine, line as EventMessage));
  } catch {
    response.destroy();
  }
}

function containerEvent(machine: string, message: EventMessage): ContainerEvent {
  const { ID, Attributes } = message.Actor;
  const code = Number(Attributes['exitCode']);
  return {
    machine,
    id: ID,
    name: Attributes['name'] ?? ID.slice(0, 12),
    service: Attributes[label.service] ?? '',
    oneOff: Attributes[label.oneOff] === 'True',
    action: message.Action,
    replaces: Attributes[label.replace],
    exitCode: Number.isInteger(code) ? code : undefined,
    message,
  };
}
