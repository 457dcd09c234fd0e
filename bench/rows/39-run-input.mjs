/** What a container is given to read. */
import { command } from '../command.mjs';
import { timed } from '../measure.mjs';

const input = Buffer.alloc(200_000_000);

export default {
  name: 'run-input',
  title: '`docker run -i`: 200 MB of input',
  unit: 'ms',
  rounds: 3,
  async begin({ ours, theirs }) {
    return { ours: () => run(ours), theirs: () => run(theirs) };
  },
};

function run({ dockerEnv, image }) {
  const argv = ['docker', 'run', '--rm', '-i', image, 'sh', '-c', 'cat >/dev/null'];
  return timed(() => command(argv, { env: dockerEnv, input }));
}
