/** The engine is restarted below running containers, until it lists them again. */
import { removeContainers, startSleeper } from '../containers.mjs';
import { timed } from '../measure.mjs';

const count = 50;

export default {
  name: 'restart',
  title: `restart of the engine with ${count} running containers`,
  unit: 'ms',
  rounds: 3,
  warmUp: false,
  async begin({ ours, theirs }) {
    const own = await fill(ours);
    const other = await fill(theirs);
    return {
      ours: () => restart(ours),
      theirs: () => restart(theirs),
      end: () => Promise.all([removeContainers(ours, own), removeContainers(theirs, other)]),
    };
  },
};

async function fill(engine) {
  const ids = [];
  for (let number = 0; number < count; number++) ids.push(await startSleeper(engine));
  return ids;
}

async function restart(engine) {
  const duration = await timed(() => engine.restart());
  const running = await engine.client.json('GET', '/containers/json');
  if (running.length < count) throw new Error(`only ${running.length} containers run after the restart`);
  return duration;
}
