import type { EngineClient } from '../../api/client/engine-client.js';
import type { Service } from '../../compose/model/service.js';
import { imageName } from '../../compose/naming.js';
import { machineOf } from '../../compose/placement.js';
import { errorMessage } from '../../shared/errors.js';
import { settleAll } from '../../shared/settle-all.js';
import { joinedErrors } from '../joined-errors.js';
import type { OpenProject } from './project-command.js';

/** Works on the images of the services that are meant, each once on each machine. */
export async function forEachImage(
  open: OpenProject,
  isMeant: (service: Service) => boolean,
  work: (client: EngineClient, image: string, service: Service) => Promise<void>,
  options: { readonly ignoreFailures: boolean } = { ignoreFailures: false },
): Promise<void> {
  const { project, fleet, parallel, progress, dryRun } = open;
  const images = new Map<string, readonly [string, string, Service]>();
  for (const service of Object.values(project.services).filter(isMeant)) {
    const machine = machineOf(project, service, fleet.home);
    const image = imageName(project, service);
    if (!images.has(`${machine}/${image}`)) images.set(`${machine}/${image}`, [machine, image, service]);
  }
  const results = await settleAll([...images.values()], parallel, async ([machine, image, service]) => {
    open.signal.throwIfAborted();
    if (!dryRun) await work(fleet.client(machine), image, service);
  });
  open.signal.throwIfAborted();
  const failures = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  if (options.ignoreFailures) for (const failure of failures) progress.warn(errorMessage(failure));
  else if (failures.length > 0) throw joinedErrors(failures, failures[0]);
}
