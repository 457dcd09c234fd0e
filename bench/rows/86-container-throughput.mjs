/** One TCP connection between two containers of one network. */
import { rowOfBoth } from '../both-engines.mjs';
import { removeContainers } from '../containers.mjs';
import { inContainer, startClient, startServer, throughput } from '../traffic.mjs';

export default rowOfBoth({
  name: 'container-throughput',
  title: 'between containers: TCP throughput (more is better)',
  unit: 'Gbit/s',
  start: startPair,
});

async function startPair(engine) {
  const server = await startServer(engine, { PortBindings: {} });
  const client = await startClient(engine);
  const { NetworkSettings } = await engine.client.json('GET', `/containers/${server}/json`);
  return {
    sample: () => throughput((argv) => inContainer(engine, client, argv), NetworkSettings.IPAddress, 5201),
    end: () => removeContainers(engine, [server, client]),
  };
}
