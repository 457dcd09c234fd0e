/** What the engine itself costs while nothing runs, after it has run something. */
import { removeContainer, startSleeper } from '../containers.mjs';

export default {
  name: 'memory-idle',
  title: 'memory, idle (PSS of the engine)',
  unit: 'MB',
  rounds: 3,
  warmUp: false,
  async begin({ ours, theirs }) {
    for (const engine of [ours, theirs]) await removeContainer(engine, await startSleeper(engine));
    const measure = async (engine) => (await engine.memory()) / 1e6;
    return { ours: () => measure(ours), theirs: () => measure(theirs) };
  },
};
