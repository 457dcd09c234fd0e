import { listContainers } from '../../api/client/containers.js';
import type { EngineClient } from '../../api/client/engine-client.js';
import { label } from '../../compose/labels.js';
import { settleAll } from '../../shared/settle-all.js';

export interface LabelledMachinesRequest {
  readonly project: string;
  /** The machine that is asked first. */
  readonly home: string;
  /** Of the other machines, what to ask them with. */
  readonly others: () => Promise<readonly string[]>;
  readonly client: (machine: string) => Promise<EngineClient>;
  readonly signal: AbortSignal;
}

const atOnce = 32;

/**
 * The machines of a project of which there are no files, `home` first. Its containers carry the names of all machines;
 * where `home` has none the others are asked. A project of the same name that is on one other machine alone is not
 * this one: whoever means it names that machine.
 */
export async function labelledMachines(request: LabelledMachinesRequest): Promise<readonly string[]> {
  const { home, others, signal } = request;
  const own = await setsOn(home, request);
  if (own.length > 0) return union(home, own);
  const names = (await others()).filter((name) => name !== home);
  const results = await settleAll(names, atOnce, (name) => setsOn(name, request));
  signal.throwIfAborted();
  const found = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  return union(
    home,
    found.filter((machines) => machines.includes(home)),
  );
}

/** What each container of the project on the machine says of the project's machines. */
async function setsOn(
  machine: string,
  { project, client, signal }: LabelledMachinesRequest,
): Promise<readonly (readonly string[])[]> {
  using engine = await client(machine);
  const filters = { label: [`${label.project}=${project}`] };
  const containers = await listContainers(engine, { all: true, filters }, signal);
  return containers.map(({ Labels }) => Labels?.[label.machines]?.split(',') ?? [machine]);
}

function union(home: string, sets: readonly (readonly string[])[]): readonly string[] {
  return [...new Set([home, ...sets.flat()])];
}
