/** Look-ups of containers' names on a user-defined network. */
import { removeContainers } from './containers.mjs';
import { inContainer, startClient } from './traffic.mjs';

/** A row about the name server of each engine; `sample(run)` takes one, where `run(argv)` runs a program in
 * a container that knows another one as "target". */
export function namesRow({ name, title, unit, sample }) {
  return {
    name,
    title,
    unit,
    rounds: 5,
    async begin({ ours, theirs }) {
      const [own, other] = [await startNames(ours), await startNames(theirs)];
      return {
        ours: () => sample(own.run),
        theirs: () => sample(other.run),
        end: () => Promise.all([own.end(), other.end()]),
      };
    },
  };
}

async function startNames(engine) {
  const network = 'bench-names';
  await engine.client.json('POST', '/networks/create', { Name: network, CheckDuplicate: true });
  const hostConfig = { NetworkMode: network };
  const target = await startClient(engine, hostConfig, {
    NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: ['target'] } } },
  });
  const asker = await startClient(engine, hostConfig);
  await inContainer(engine, asker, ['sh', '-c', 'echo target A >/tmp/names']);
  return {
    run: (argv) => inContainer(engine, asker, argv),
    async end() {
      await removeContainers(engine, [target, asker]);
      await engine.client.send('DELETE', `/networks/${network}`);
    },
  };
}
