import { pruneImages } from '../../api/client/images.js';
import type { ImageSource } from '../../compose/engine/ensure-images.js';
import { runHooks } from '../../compose/engine/hooks.js';
import { createProject, startProject } from '../../compose/engine/up.js';
import { label } from '../../compose/labels.js';
import type { BatchWork, FileMapping } from '../../compose/watch/plan-batch.js';
import { syncFiles } from '../../compose/watch/sync-files.js';
import { errorMessage } from '../../shared/errors.js';
import { ownContainers } from './act-on-containers.js';
import type { OpenProject } from './project-command.js';
import { restartServices } from './restart-services.js';

export interface ChangeRequest {
  readonly source: ImageSource;
  /** Remove the images that new ones take the names of. */
  readonly prune: boolean;
  tell(text: string): void;
}

/** Images first, then files, then what has to read them again: as Docker Compose does it. */
export async function applyChanges(
  open: OpenProject,
  work: BatchWork,
  request: ChangeRequest,
): Promise<void> {
  if (work.rebuild.length > 0) await rebuild(open, work.rebuild, request);
  for (const [service, files] of work.sync) {
    request.tell(`Syncing service "${service}" after ${files.length} changes were detected`);
    await syncService(open, service, files);
  }
  if (work.restart.length > 0) {
    await restartServices({ ...open, services: work.restart }, { timeout: undefined, along: true });
    request.tell(`service(s) ${quoted(work.restart)} restarted`);
  }
  for (const { service, hook } of work.exec) {
    for (const { machine, id, state } of await ownContainers({ ...open, services: [service] })) {
      if (state !== 'running') continue;
      await runHooks(open.fleet.client(machine), id, [hook], open.signal, request.tell);
    }
  }
}

export async function syncService(
  open: OpenProject,
  service: string,
  files: readonly FileMapping[],
): Promise<void> {
  if (files.length === 0 || open.dryRun) return;
  await syncFiles(open, await ownContainers({ ...open, services: [service] }), files);
}

async function rebuild(
  open: OpenProject,
  services: readonly string[],
  request: ChangeRequest,
): Promise<void> {
  const { tell, source, prune } = request;
  tell(`Rebuilding service(s) ${quoted(services)} after changes were detected...`);
  const created = await createProject(open, toldBuilds(source, tell), {
    ...{ services, policyOf: () => 'force', renewVolumes: false, orphans: 'tell' },
    images: { pull: undefined, build: 'missing' },
  });
  await startProject(open, created);
  tell(`service(s) ${quoted(services)} successfully built`);
  if (prune) await removeReplaced(open);
}

function toldBuilds(source: ImageSource, tell: ChangeRequest['tell']): ImageSource {
  return {
    pull: source.pull,
    async build(client, image, service) {
      await source.build(client, image, service).catch((error: unknown) => {
        tell(`Build failed. Error: ${errorMessage(error)}`);
        throw error;
      });
    },
  };
}

/** The project's images that have no name any more; what containers use stays. */
async function removeReplaced({ fleet, project, signal }: OpenProject): Promise<void> {
  const filters = { dangling: ['true'], label: [`${label.project}=${project.name}`] };
  await Promise.all(fleet.machines.map((machine) => pruneImages(fleet.client(machine), filters, signal)));
}

/** Marked as what watching has done. */
export function watchLine(text: string): string {
  return text.replace(/^(?=.)/gm, '  ⦿ ').replace(/\r?\n?$/, '\n');
}

/** A list as Docker Compose writes it. */
function quoted(names: readonly string[]): string {
  return `[${names.map((name) => JSON.stringify(name)).join(' ')}]`;
}
