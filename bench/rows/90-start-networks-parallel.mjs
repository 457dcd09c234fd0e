/** Many containers, each on a network of the user's and with a published port, started at the same moment. */
import { createContainer, removeContainers } from '../containers.mjs';
import { timed } from '../measure.mjs';

const count = 50;
const networks = ['bench-one', 'bench-two', 'bench-three', 'bench-four', 'bench-five'];

export default {
  name: 'start-networks-parallel',
  title: `API: ${count} starts at once, with networks and ports`,
  unit: 'ms',
  rounds: 3,
  warmUp: false,
  async begin({ ours, theirs }) {
    for (const engine of [ours, theirs]) {
      for (const Name of networks)
        await engine.client.json('POST', '/networks/create', { Name, CheckDuplicate: true });
    }
    return { ours: () => startAll(ours), theirs: () => startAll(theirs), end: () => end([ours, theirs]) };
  },
};

async function startAll(engine) {
  const ids = [];
  try {
    for (let number = 0; number < count; number++) {
      const HostConfig = {
        NetworkMode: networks[number % networks.length],
        PortBindings: { '80/tcp': [{ HostPort: '' }] },
      };
      ids.push(
        await createContainer(engine, ['sleep', '3600'], { ExposedPorts: { '80/tcp': {} }, HostConfig }),
      );
    }
    return await timed(() =>
      Promise.all(ids.map((id) => engine.client.send('POST', `/containers/${id}/start`))),
    );
  } finally {
    await removeContainers(engine, ids);
  }
}

async function end(engines) {
  for (const { client } of engines) {
    for (const name of networks) await client.send('DELETE', `/networks/${name}`);
  }
}
