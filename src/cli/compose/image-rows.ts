import type { ImageInspect } from '../../api/image.js';
import { formatBytes } from '../../shared/bytes.js';
import { shortId } from '../../shared/identifiers.js';
import { renderTable } from '../table.js';

/** As Docker Compose's JSON. */
export interface ImageRow {
  readonly ID: string;
  readonly ContainerName: string;
  readonly Repository: string;
  readonly Tag: string;
  readonly Size: number;
}

/** By the name under which the image was used, as long as it has that name. */
export function imageRow(container: string, used: string, { Id, RepoTags, Size }: ImageInspect): ImageRow {
  const wanted = /:[^/]*$/.test(used) ? used : `${used}:latest`;
  const name = RepoTags.find((tag) => tag === wanted) ?? RepoTags[0] ?? '<none>:<none>';
  const at = name.lastIndexOf(':');
  return {
    ...{ ID: Id, ContainerName: container, Repository: name.slice(0, at), Tag: name.slice(at + 1), Size },
  };
}

export function imageTable(rows: readonly ImageRow[]): string {
  const header = ['CONTAINER', 'REPOSITORY', 'TAG', 'IMAGE ID', 'SIZE'];
  const lines = rows.map(({ ID, ContainerName, Repository, Tag, Size }) => [
    ...[ContainerName, Repository, Tag, shortId(ID.replace(/^sha256:/, '')), formatBytes(Size)],
  ]);
  return renderTable([header, ...lines], 20);
}
