/** `rm -f` of a running container. */
import { removeContainer, startSleeper } from '../containers.mjs';
import { timed } from '../measure.mjs';

export default {
  name: 'remove',
  title: 'API: forced removal of a running container',
  unit: 'ms',
  rounds: 15,
  async begin({ ours, theirs }) {
    return { ours: () => remove(ours), theirs: () => remove(theirs) };
  },
};

async function remove(engine) {
  const id = await startSleeper(engine);
  return timed(() => removeContainer(engine, id));
}
