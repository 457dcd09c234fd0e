/** What each running container adds to the engine's memory: its monitor, and what the engine keeps of it. */
import { removeContainer, startSleeper } from '../containers.mjs';

const count = 20;

export default {
  name: 'memory-container',
  title: `memory per container (${count} running)`,
  unit: 'MB',
  rounds: 3,
  warmUp: false,
  async begin({ ours, theirs }) {
    return { ours: () => growth(ours), theirs: () => growth(theirs) };
  },
};

async function growth(engine) {
  const before = await engine.memory();
  const containers = [];
  try {
    for (let number = 0; number < count; number++) containers.push(await startSleeper(engine));
    return ((await engine.memory()) - before) / count / 1e6;
  } finally {
    for (const id of containers) await removeContainer(engine, id);
  }
}
