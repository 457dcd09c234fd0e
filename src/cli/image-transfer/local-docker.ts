import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The docker of this computer, even where the shell's DOCKER_HOST leads elsewhere: the system's, Docker Desktop's or a
 * rootless one.
 */
export function localDockerSocket(environment: NodeJS.ProcessEnv): string | undefined {
  const named = /^(?:unix|npipe):\/\/(.+)$/.exec(environment['DOCKER_HOST'] ?? '')?.[1];
  if (named !== undefined) return named;
  if (process.platform === 'win32') return '//./pipe/docker_engine';
  const runtime = environment['XDG_RUNTIME_DIR'];
  const places = [
    '/var/run/docker.sock',
    join(homedir(), '.docker/run/docker.sock'),
    ...(runtime ? [join(runtime, 'docker.sock')] : []),
  ];
  return places.find((path) => existsSync(path));
}
