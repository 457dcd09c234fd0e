/** Rows about container commands: ours beside docker's own client, on the same agent. */
import { command } from './command.mjs';
import { timed } from './measure.mjs';

/** `words` answers what stands behind `tsmachine` and behind `docker`; the machine is given by the environment. */
export function besideDocker(name, title, words, prepare = async () => {}) {
  return {
    name: `tsmachine-${name}`,
    title: `\`tsmachine ${title}\`, against docker's own client on the same agent`,
    unit: 'ms',
    rounds: 15,
    enginesOnly: false,
    async begin({ ours, hosts }) {
      const env = { ...hosts.env, ...ours.dockerEnv, TSMACHINE_NAME: 'bench-ours' };
      const end = await prepare(env);
      return {
        ours: () => timed(() => command([...hosts.tsmachine, ...words(ours)], { env })),
        theirs: () => timed(() => command(['docker', ...words(ours)], { env })),
        end,
      };
    },
  };
}
