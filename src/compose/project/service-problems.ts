import type { Service } from '../model/service.js';
import type { Problem } from './problem.js';

/** What contradicts itself in a service, in Compose's words. */
export function serviceProblems(service: Service): readonly Problem[] {
  const { name, networkMode, networks, healthcheck } = service;
  const at = ['services', name];
  const problems: (Problem | false | undefined)[] = [
    service.build === undefined &&
      service.image === undefined &&
      service.provider === undefined && {
        path: at,
        message: `service "${name}" has neither an image nor a build context specified`,
      },
    ...buildProblems(service),
    networkMode !== undefined &&
      Object.keys(networks).length > 0 && {
        path: [...at, 'network_mode'],
        message: `service ${name} declares mutually exclusive \`network_mode\` and \`networks\``,
      },
    healthcheck !== undefined &&
      healthcheck.test.length > 0 &&
      !['CMD', 'CMD-SHELL', 'NONE'].includes(healthcheck.test[0] ?? '') && {
        path: [...at, 'healthcheck', 'test'],
        message: `services.${name}.healthcheck.test must start either by "CMD", "CMD-SHELL" or "NONE"`,
      },
    ...distinctProblems(service),
    ...scaleProblems(service),
    ...watchProblems(service),
  ];
  return problems.filter((problem) => problem !== false && problem !== undefined);
}

function buildProblems({ name, build, platform }: Service): readonly (Problem | false)[] {
  if (build === undefined) return [];
  const at = ['services', name, 'build'];
  return [
    build.dockerfile !== undefined &&
      build.dockerfileInline !== undefined && {
        path: [...at, 'dockerfile_inline'],
        message: `service "${name}" declares mutually exclusive dockerfile and dockerfile_inline`,
      },
    platform !== undefined &&
      build.platforms.length > 0 &&
      !build.platforms.includes(platform) && {
        path: [...at, 'platforms'],
        message: `services.${name}.build.platforms must include services.${name}.platform "${platform}"`,
      },
  ];
}

/** The same thing said in the old and in the new place. */
function distinctProblems(service: Service): readonly (Problem | false)[] {
  const { name, deploy } = service;
  const limits = deploy?.resources.limits;
  const reservations = deploy?.resources.reservations;
  const pairs: readonly [string, string, number | undefined, object | undefined, number | undefined][] = [
    ['cpus', 'limits.cpus', service.cpus, limits, limits?.cpus],
    ['mem_limit', 'limits.memory', service.memLimit, limits, limits?.memory],
    ['mem_reservation', 'reservations.memory', service.memReservation, reservations, reservations?.memory],
    ['pids_limit', 'limits.pids', service.pidsLimit, limits, limits?.pids],
  ];
  return pairs.map(
    ([key, other, value, there, deployed]) =>
      value !== undefined &&
      there !== undefined &&
      value !== deployed && {
        path: ['services', name, key],
        message: `services.${name}: can't set distinct values on '${key}' and 'deploy.resources.${other}'`,
      },
  );
}

function scaleProblems({ name, scale, deploy, containerName }: Service): readonly (Problem | false)[] {
  const replicas = deploy?.replicas;
  const key = scale === undefined ? 'deploy.replicas' : 'scale';
  return [
    scale !== undefined &&
      replicas !== undefined &&
      scale !== replicas && {
        path: ['services', name, 'scale'],
        message: `services.${name}: can't set distinct values on 'scale' and 'deploy.replicas'`,
      },
    (scale ?? replicas ?? 1) > 1 &&
      containerName !== undefined && {
        path: ['services', name, 'container_name'],
        message: `services.${name}: can't set container_name and ${key} as container name must be unique`,
      },
  ];
}

function watchProblems({ name, develop }: Service): readonly (Problem | false)[] {
  return (develop?.watch ?? []).map(
    ({ target, action }, index) =>
      target === undefined &&
      action.startsWith('sync') && {
        path: ['services', name, 'develop', 'watch', index],
        message: `services.${name}.develop.watch: target is required for non-rebuild actions`,
      },
  );
}
