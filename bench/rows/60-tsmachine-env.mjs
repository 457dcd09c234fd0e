/** The command that runs in every new shell, against the least that Node can do. */
import { command } from '../command.mjs';
import { timed } from '../measure.mjs';

export default {
  name: 'tsmachine-env',
  title: '`tsmachine env` against `node -e 0`',
  unit: 'ms',
  rounds: 30,
  enginesOnly: false,
  async begin({ hosts }) {
    const { env } = hosts;
    return {
      ours: () => timed(() => command([...hosts.tsmachine, 'env', '--shell', 'sh', 'bench-ours'], { env })),
      theirs: () => timed(() => command([process.execPath, '-e', '0'], { env })),
    };
  },
};
