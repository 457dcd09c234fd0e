/** What a user waits for: the docker CLI from its start to its end. */
import { command } from '../command.mjs';
import { timed } from '../measure.mjs';

export default {
  name: 'docker-run',
  title: '`docker run --rm busybox true`',
  unit: 'ms',
  rounds: 20,
  async begin({ ours, theirs }) {
    return { ours: () => run(ours), theirs: () => run(theirs) };
  },
};

function run({ dockerEnv, image }) {
  return timed(() => command(['docker', 'run', '--rm', image, 'true'], { env: dockerEnv }));
}
