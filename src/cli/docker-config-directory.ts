import { homedir } from 'node:os';
import { join } from 'node:path';

/** DOCKER_CONFIG, else ~/.docker. */
export function dockerConfigDirectory(environment: NodeJS.ProcessEnv): string {
  return environment['DOCKER_CONFIG'] || join(homedir(), '.docker');
}
