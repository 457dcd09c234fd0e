import { mkdir, symlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { dockerClients } from './tsmachine.js';

export interface BuildKitClient {
  /** "docker 26.1.5 with buildx". */
  readonly name: string;
  readonly path: string;
  /** How its errors begin. */
  readonly env: NodeJS.ProcessEnv;
}

const cache = join(
  process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
  'tsmachine',
  'buildkit-clients',
);

/** Clients that build by a session: dockers with the buildx plugin, and those that have it built in. */
export async function buildKitClients(): Promise<readonly BuildKitClient[]> {
  const others = (await dockerClients()).map(({ path, version }): BuildKitClient => {
    if (Number(version.split('.')[0]) < 23)
      return { name: `docker ${version} with DOCKER_BUILDKIT=1`, path, env: { DOCKER_BUILDKIT: '1' } };
    return { name: `docker ${version} with buildx`, path, env: { DOCKER_BUILDKIT: undefined } };
  });
  const newest = {
    name: 'docker 26 with buildx',
    path: join(cache, 'docker'),
    env: { DOCKER_BUILDKIT: undefined },
  };
  return [newest, ...others];
}

/** A DOCKER_CONFIG with the plugins buildx and compose. */
export async function makeDockerConfig(directory: string): Promise<string> {
  const config = join(directory, 'docker-config');
  await mkdir(config);
  await symlink(join(cache, 'cli-plugins'), join(config, 'cli-plugins'));
  return config;
}
