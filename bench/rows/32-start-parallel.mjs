/** Many containers started at the same moment. Making and removing them is not timed. */
import { createContainer, removeContainers } from '../containers.mjs';
import { timed } from '../measure.mjs';

const count = 50;

export default {
  name: 'start-parallel',
  title: `API: ${count} starts at once`,
  unit: 'ms',
  rounds: 3,
  warmUp: false,
  async begin({ ours, theirs }) {
    return { ours: () => startAll(ours), theirs: () => startAll(theirs) };
  },
};

async function startAll(engine) {
  const ids = [];
  try {
    for (let number = 0; number < count; number++) ids.push(await createContainer(engine, ['sleep', '3600']));
    return await timed(() =>
      Promise.all(ids.map((id) => engine.client.send('POST', `/containers/${id}/start`))),
    );
  } finally {
    await removeContainers(engine, ids);
  }
}
