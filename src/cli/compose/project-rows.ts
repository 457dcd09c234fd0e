import type { ContainerSummary } from '../../api/client/types.js';
import { label } from '../../compose/labels.js';

/** As Docker Compose's JSON. */
export interface ProjectRow {
  readonly Name: string;
  /** "exited(1), running(2)". */
  readonly Status: string;
  readonly ConfigFiles: string;
}

export function projectRows(containers: readonly ContainerSummary[]): readonly ProjectRow[] {
  const byProject = Object.groupBy(containers, ({ Labels }) => Labels?.[label.project] ?? '');
  return Object.entries(byProject)
    .map(([Name, list = []]) => ({ Name, Status: status(list), ConfigFiles: configFiles(list) }))
    .toSorted((left, right) => (left.Name < right.Name ? -1 : 1));
}

function status(containers: readonly ContainerSummary[]): string {
  const byState = Object.entries(Object.groupBy(containers, ({ State }) => State));
  return byState
    .map(([state, list = []]) => `${state}(${list.length})`)
    .toSorted()
    .join(', ');
}

function configFiles(containers: readonly ContainerSummary[]): string {
  const files = containers.flatMap(({ Labels }) => (Labels?.[label.configFiles] ?? '').split(','));
  return [...new Set(files.filter((file) => file !== ''))].join(',') || 'N/A';
}
