import { besideDocker } from '../beside-docker.mjs';
import { command } from '../command.mjs';

export default besideDocker(
  'exec',
  'exec NAME true',
  () => ['exec', 'bench-exec', 'true'],
  async (env) => {
    await command(['docker', 'run', '-d', '--name', 'bench-exec', 'busybox:latest', 'sleep', '600'], { env });
    return () => command(['docker', 'rm', '-f', 'bench-exec'], { env });
  },
);
