import { Readable } from 'node:stream';
import { putArchive } from '../../api/client/container-files.js';
import type { EngineClient } from '../../api/client/engine-client.js';
import { toByteString } from '../../shared/tar/tar-entry.js';
import { tarEnd, tarFile } from '../../shared/tar/tar-writer.js';
import { configsDirectory, fileTarget, secretsDirectory } from '../convert/mounts.js';
import type { FileReference } from '../model/elements.js';
import type { FileObject, Project } from '../model/project.js';
import type { Service } from '../model/service.js';
import { externalFile, variableNotSet } from '../plan/errors.js';

/** Writes the secrets and configs that have no file of this computer into a container that was created. */
export async function injectFiles(
  client: EngineClient,
  container: string,
  project: Project,
  service: Service,
  signal: AbortSignal,
): Promise<void> {
  const files = [
    ...contents(project, 'secret', project.secrets, service.secrets, secretsDirectory),
    ...contents(project, 'config', project.configs, service.configs, configsDirectory),
  ];
  if (files.length === 0) return;
  const archive = Buffer.concat([...files.map(entry), tarEnd]);
  const target = { path: '/', copyUidGid: true };
  await putArchive(client, container, Readable.from([archive]), target, signal);
}

interface InjectedFile {
  readonly path: string;
  readonly content: string;
  readonly reference: FileReference;
}

function contents(
  project: Project,
  kind: 'secret' | 'config',
  objects: Readonly<Record<string, FileObject>>,
  references: readonly FileReference[],
  directory: string,
): readonly InjectedFile[] {
  return references.flatMap((reference) => {
    const object = objects[reference.source];
    if (!object || object.file !== undefined) return [];
    if (object.external) throw externalFile(kind, object.name);
    const path = fileTarget(reference, directory);
    return [{ path, reference, content: contentOf(project, kind, object) }];
  });
}

function contentOf(project: Project, kind: string, { name, content, environment }: FileObject): string {
  if (content !== undefined) return content;
  const value = environment === undefined ? '' : project.environment[environment];
  if (value === undefined) throw variableNotSet(environment ?? '', kind, name);
  return value;
}

function entry({ path, content, reference }: InjectedFile): Buffer {
  const { uid = '0', gid = '0', mode = 0o444 } = reference;
  const name = toByteString(path.replace(/^\/+/, ''));
  return tarFile(
    { type: 'file', name, mode, uid: Number(uid) || 0, gid: Number(gid) || 0 },
    Buffer.from(content),
  );
}
