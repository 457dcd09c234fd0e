import type { ImageSource } from '../../compose/engine/ensure-images.js';
import { createProject, startProject } from '../../compose/engine/up.js';
import type { Project } from '../../compose/model/project.js';
import { FileWatcher } from '../../compose/watch/file-watcher.js';
import { initialFiles } from '../../compose/watch/initial-files.js';
import { loadWatchRules } from '../../compose/watch/load-rules.js';
import { planBatch } from '../../compose/watch/plan-batch.js';
import type { WatchRule } from '../../compose/watch/watch-rule.js';
import { errorMessage } from '../../shared/errors.js';
import type { OpenProject } from './project-command.js';
import { applyChanges, type ChangeRequest, syncService } from './watch-actions.js';

export interface WatchRequest extends ChangeRequest {
  /** Build and start before. */
  readonly up: boolean;
}

/**
 * Applies what changes to the containers until the signal aborts. What fails is told, and the next change tried. Throws
 * WATCH_NOT_CONFIGURED, WATCH_FAILED, and what making the project throws.
 */
export async function watchProject(open: OpenProject, request: WatchRequest): Promise<void> {
  const { progress, signal } = open;
  const rules = await loadWatchRules(open.project, (message) => progress.warn(message));
  await using watcher = await FileWatcher.open(rules, signal);
  const built = { ...open, project: builtHere(open.project) };
  const tell = (text: string) => {
    progress.close(); // what is redrawn ends above the line
    request.tell(text);
  };
  if (request.up) await bringUp(built, request.source);
  for (const rule of rules) await syncService(built, rule.service, await initialFiles(rule));
  tell('Watch enabled');
  if (!open.dryRun) await applyBatches(built, rules, watcher, { ...request, tell });
  tell('Watch disabled');
}

async function applyBatches(
  open: OpenProject,
  rules: readonly WatchRule[],
  watcher: FileWatcher,
  request: ChangeRequest,
): Promise<void> {
  for await (const paths of watcher.batches(open.signal)) {
    try {
      await applyChanges(open, planBatch(rules, paths), request);
    } catch (error) {
      if (!open.signal.aborted) open.progress.warn(`Error handling changed files: ${errorMessage(error)}`);
    }
  }
}

async function bringUp(open: OpenProject, source: ImageSource): Promise<void> {
  const created = await createProject(open, source, {
    ...{ services: open.services, policyOf: () => 'diverged', renewVolumes: false, orphans: 'tell' },
    images: { pull: undefined, build: 'missing' },
  });
  await startProject(open, created);
}

/** Images of services that are watched are built, whatever a registry has. */
export function builtHere(project: Project): Project {
  const services = Object.entries(project.services).map(([name, service]) => {
    const isBuilt = service.build && service.develop?.watch.length;
    return [name, isBuilt ? { ...service, pullPolicy: 'build' } : service] as const;
  });
  return { ...project, services: Object.fromEntries(services) };
}
