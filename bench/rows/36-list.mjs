/** `ps -a` on an engine with many containers. */
import { createContainer, removeContainers } from '../containers.mjs';
import { timed } from '../measure.mjs';

const count = 200;

export default {
  name: 'list',
  title: `API: list of ${count} containers`,
  unit: 'ms',
  rounds: 20,
  async begin({ ours, theirs }) {
    const own = await fill(ours);
    const other = await fill(theirs);
    return {
      ours: () => list(ours),
      theirs: () => list(theirs),
      end: () => Promise.all([removeContainers(ours, own), removeContainers(theirs, other)]),
    };
  },
};

async function fill(engine) {
  const ids = [];
  for (let number = 0; number < count; number++) ids.push(await createContainer(engine, ['true']));
  return ids;
}

function list({ client }) {
  return timed(async () => {
    const containers = await client.json('GET', '/containers/json?all=1');
    if (containers.length < count) throw new Error(`only ${containers.length} containers are listed`);
  });
}
