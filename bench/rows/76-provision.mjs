/** What a second `provision` takes, where docker-machine needs 17 s and 20 logins. */
import { command } from '../command.mjs';
import { timed } from '../measure.mjs';

export default {
  name: 'tsmachine-provision',
  title: '`tsmachine provision` with nothing to do, against `node -e 0`',
  unit: 'ms',
  rounds: 10,
  enginesOnly: false,
  async begin({ hosts }) {
    const { env } = hosts;
    return {
      ours: () => timed(() => command([...hosts.tsmachine, 'provision', 'bench-ours'], { env })),
      theirs: () => timed(() => command([process.execPath, '-e', '0'], { env })),
    };
  },
};
