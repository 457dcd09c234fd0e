/** `docker build` by BuildKit's protocol, for the builds of the same ten steps. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildContext } from './build-context.mjs';
import { command } from './command.mjs';
import { timed } from './measure.mjs';

/** A row's `begin`. Docker 20.10's client needs no plugin for BuildKit. */
export function beginBuilds(...options) {
  return async ({ ours, theirs }) => {
    const directory = await mkdtemp(join(tmpdir(), 'tsm-bench-build-'));
    execFileSync('tar', ['-C', directory, '-x'], { input: buildContext() });
    const build = ({ dockerEnv }) =>
      timed(() =>
        command([client(), 'build', '--progress=plain', ...options, directory], {
          env: { ...dockerEnv, DOCKER_BUILDKIT: '1' },
        }),
      );
    return {
      ours: () => build(ours),
      theirs: () => build(theirs),
      end: () => rm(directory, { recursive: true, force: true }),
    };
  };
}

function client() {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const unpacked = join(cache, 'tsmachine', 'docker-client', 'docker');
  return existsSync(unpacked) ? unpacked : 'docker';
}
