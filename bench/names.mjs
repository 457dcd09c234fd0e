/** Look-ups of containers' names on a user-defined network. */
import { rowOfBoth } from './both-engines.mjs';
import { removeContainers } from './containers.mjs';
import { inContainer, startClient } from './traffic.mjs';

/** A row about the name server of each engine; `sample(run)` takes one, where `run(argv)` runs a program in
 * a container that knows another one as "target". */
export function namesRow({ sample, ...row }) {
  return rowOfBoth({ ...row, start: (engine) => startNames(engine, sample) });
}

async function startNames(engine, sample) {
  const network = 'bench-names';
  await engine.client.json('POST', '/networks/create', { Name: network, CheckDuplicate: true });
  const hostConfig = { NetworkMode: network };
  const target = await startClient(engine, hostConfig, {
    NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: ['target'] } } },
  });
  const asker = await startClient(engine, hostConfig);
  await inContainer(engine, asker, ['sh', '-c', 'echo target A >/tmp/names']);
  return {
    sample: () => sample((argv) => inContainer(engine, asker, argv)),
    async end() {
      await removeContainers(engine, [target, asker]);
      await engine.client.send('DELETE', `/networks/${network}`);
    },
  };
}
