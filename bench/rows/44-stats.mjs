/** One look at a container's use of memory and processors. */
import { removeContainer, startSleeper } from '../containers.mjs';
import { timed } from '../measure.mjs';

export default {
  name: 'stats',
  title: 'API: one-shot statistics',
  unit: 'ms',
  rounds: 5,
  async begin({ ours, theirs }) {
    const [own, other] = await Promise.all([startSleeper(ours), startSleeper(theirs)]);
    return {
      ours: () => look(ours, own),
      theirs: () => look(theirs, other),
      end: () => Promise.all([removeContainer(ours, own), removeContainer(theirs, other)]),
    };
  },
};

function look({ client }, id) {
  return timed(() => client.json('GET', `/containers/${id}/stats?stream=false&one-shot=true`));
}
