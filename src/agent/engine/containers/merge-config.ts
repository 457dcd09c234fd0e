import { posix } from 'node:path';
import type { ContainerConfig } from '../../../api/container-config.js';
import type { ImageRunConfig } from '../../image/image-config.js';
import { noCommand } from '../errors.js';
import { mergeHealthcheck } from './health/healthcheck.js';

/**
 * The user's configuration upon the image's, by moby's rules (daemon/commit.go, `merge`): lists that the user
 * gives replace, environment, labels, ports and volumes are joined, an entrypoint of the user's resets the
 * image's command, and `Entrypoint: [""]` is none. Throws COMMAND_MISSING.
 */
export function mergeConfig(user: ContainerConfig, image: ImageRunConfig): ContainerConfig {
  const healthcheck = mergeHealthcheck(user.Healthcheck, image.Healthcheck);
  const merged = {
    ...user,
    User: user.User || image.User || '',
    WorkingDir: cleanPath(user.WorkingDir || image.WorkingDir || ''),
    StopSignal: user.StopSignal || image.StopSignal || '',
    ExposedPorts: keys({ ...image.ExposedPorts, ...user.ExposedPorts }),
    Volumes: keys({ ...image.Volumes, ...user.Volumes }),
    Labels: { ...image.Labels, ...user.Labels },
    Env: mergeEnv(user.Env ?? [], image.Env ?? []),
    ...mergeCommand(user, image),
    ...(healthcheck && { Healthcheck: healthcheck }),
    ...(image.OnBuild && { OnBuild: image.OnBuild }),
    ...(image.Shell && !user.Shell && { Shell: image.Shell }),
  };
  if (merged.Entrypoint.length === 0 && merged.Cmd.length === 0) throw noCommand();
  return merged;
}

/** Go's filepath.Clean, but for nothing. */
function cleanPath(path: string): string {
  return path === '' ? '' : posix.normalize(path).replace(/(.)\/+$/, '$1');
}

function mergeCommand(
  user: ContainerConfig,
  image: ImageRunConfig,
): { readonly Entrypoint: readonly string[]; readonly Cmd: readonly string[] } {
  const given = user.Entrypoint ?? [];
  const cmd = user.Cmd ?? [];
  if (given.length > 0) return { Entrypoint: given.length === 1 && given[0] === '' ? [] : given, Cmd: cmd };
  return {
    // An empty list, unlike an absent one, takes the image's entrypoint away.
    Entrypoint: user.Entrypoint === undefined ? (image.Entrypoint ?? []) : [],
    Cmd: cmd.length > 0 ? cmd : (image.Cmd ?? []),
  };
}

/** The user's first, then what only the image has: the order that inspect shows. */
function mergeEnv(user: readonly string[], image: readonly string[]): readonly string[] {
  const names = new Set(user.map(nameOf));
  return [...user, ...image.filter((entry) => !names.has(nameOf(entry)))];
}

function nameOf(entry: string): string {
  return entry.split('=', 1)[0] ?? '';
}

function keys(set: Readonly<Record<string, object>>): Readonly<Record<string, Record<string, never>>> {
  return Object.fromEntries(Object.keys(set).map((key) => [key, {}]));
}
