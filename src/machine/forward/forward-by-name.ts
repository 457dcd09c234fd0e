import { EngineClient } from '../../api/client/engine-client.js';
import { connectByName } from '../connection/connect-by-name.js';
import type { MachineContext, MachineDependencies } from '../dependencies.js';
import { engineEndpoint } from '../engine/engine-endpoint.js';
import { type ForwardRequest, forwardMachine } from './forward-machine.js';

/** As `forwardMachine`, with the machine's own connections. */
export async function forwardByName(
  deps: MachineDependencies,
  name: string,
  request: ForwardRequest,
  context: MachineContext,
): Promise<void> {
  await forwardMachine(request, {
    connect: () => connectByName(deps, name, context),
    client: async () => new EngineClient(await engineEndpoint(deps, await deps.store.load(name))),
    clock: deps.clock,
    signal: context.signal,
  });
}
