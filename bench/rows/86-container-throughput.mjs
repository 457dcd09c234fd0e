/** One TCP connection between two containers of one network. */
import { removeContainers } from '../containers.mjs';
import { inContainer, startClient, startServer, throughput } from '../traffic.mjs';

export default {
  name: 'container-throughput',
  title: 'between containers: TCP throughput (more is better)',
  unit: 'Gbit/s',
  rounds: 5,
  async begin({ ours, theirs }) {
    const [own, other] = [await startPair(ours), await startPair(theirs)];
    return { ours: own.sample, theirs: other.sample, end: () => Promise.all([own.end(), other.end()]) };
  },
};

async function startPair(engine) {
  const server = await startServer(engine, { PortBindings: {} });
  const client = await startClient(engine);
  const { NetworkSettings } = await engine.client.json('GET', `/containers/${server}/json`);
  return {
    sample: () => throughput((argv) => inContainer(engine, client, argv), NetworkSettings.IPAddress, 5201),
    end: () => removeContainers(engine, [server, client]),
  };
}
