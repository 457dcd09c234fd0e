import { dependencyOrder } from '../../compose/plan/dependencies.js';
import { actOnAll, ownContainers } from './act-on-containers.js';
import type { OpenProject } from './project-command.js';

/** In the order of dependencies; `along` with those that asked for it by "restart: true" in their depends_on. */
export async function restartServices(
  open: OpenProject,
  options: { readonly timeout: number | undefined; readonly along: boolean },
): Promise<void> {
  const others = Object.values(open.whole.services).filter(({ dependsOn }) =>
    open.services.some((name) => dependsOn[name]?.restart === true),
  );
  const names = options.along ? [...open.services, ...others.map(({ name }) => name)] : open.services;
  const services = [...new Set(names)];
  const containers = await ownContainers({ ...open, services });
  const work = {
    action: 'restart',
    query: { t: options.timeout },
    words: ['Restarting', 'Started'],
  } as const;
  for (const service of dependencyOrder(open.whole, services)) {
    await actOnAll(
      open,
      containers.filter((each) => each.service === service),
      work,
    );
  }
}
