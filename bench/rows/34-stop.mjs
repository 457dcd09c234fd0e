/** A container that ends as soon as it is asked to. */
import { removeContainer, startContainer } from '../containers.mjs';
import { timed } from '../measure.mjs';

const obeys = ['sh', '-c', 'trap "exit 0" TERM; sleep 3600 & wait'];

export default {
  name: 'stop',
  title: 'API: stop of a container that obeys',
  unit: 'ms',
  rounds: 15,
  async begin({ ours, theirs }) {
    return { ours: () => stop(ours), theirs: () => stop(theirs) };
  },
};

async function stop(engine) {
  const id = await startContainer(engine, obeys);
  await new Promise((resolve) => setTimeout(resolve, 100)); // until the trap is set
  try {
    return await timed(() => engine.client.send('POST', `/containers/${id}/stop`));
  } finally {
    await removeContainer(engine, id);
  }
}
