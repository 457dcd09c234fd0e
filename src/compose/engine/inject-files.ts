import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { putArchive } from '../../api/client/container-files.js';
import type { EngineClient } from '../../api/client/engine-client.js';
import { toByteString } from '../../shared/tar/tar-entry.js';
import { tarEnd, tarFile } from '../../shared/tar/tar-writer.js';
import { configsDirectory, fileTarget, secretsDirectory } from '../convert/mounts.js';
import type { FileReference } from '../model/elements.js';
import type { FileObject, Project } from '../model/project.js';
import type { Service } from '../model/service.js';
import { externalFile, fileUnreadable, variableNotSet } from '../plan/errors.js';

/**
 * Writes the secrets and configs into a container that was created. Also those that have a file: it is of this
 * computer, where the engine cannot mount it from. What the service mounts itself at their places stays.
 */
export async function injectFiles(
  client: EngineClient,
  container: string,
  project: Project,
  service: Service,
  signal: AbortSignal,
): Promise<void> {
  const wanted = [
    ...wantedFiles('secret', project.secrets, service.secrets, secretsDirectory),
    ...wantedFiles('config', project.configs, service.configs, configsDirectory),
  ].filter(({ path }) => service.volumes.every(({ target }) => target !== path));
  const files = await Promise.all(
    wanted.map(async (file) => ({ ...file, content: await contentOf(project, file) })),
  );
  if (files.length === 0) return;
  const archive = Buffer.concat([...files.map(entry), tarEnd]);
  const target = { path: '/', copyUidGid: true };
  await putArchive(client, container, Readable.from([archive]), target, signal);
}

interface WantedFile {
  readonly kind: 'secret' | 'config';
  readonly path: string;
  readonly object: FileObject;
  readonly reference: FileReference;
}

function wantedFiles(
  kind: WantedFile['kind'],
  objects: Readonly<Record<string, FileObject>>,
  references: readonly FileReference[],
  directory: string,
): readonly WantedFile[] {
  return references.flatMap((reference) => {
    const object = objects[reference.source];
    return object ? [{ kind, object, reference, path: fileTarget(reference, directory) }] : [];
  });
}

async function contentOf(project: Project, { kind, object }: WantedFile): Promise<Buffer> {
  const { name, file, content, environment, external } = object;
  if (external) throw externalFile(kind, name);
  if (file !== undefined) {
    return await readFile(file).catch((error) => {
      throw fileUnreadable(kind, name, file, error);
    });
  }
  const value = content ?? (environment === undefined ? '' : project.environment[environment]);
  if (value === undefined) throw variableNotSet(environment ?? '', kind, name);
  return Buffer.from(value);
}

function entry({ path, content, reference }: WantedFile & { readonly content: Buffer }): Buffer {
  const { uid = '0', gid = '0', mode = 0o444 } = reference;
  const name = toByteString(path.replace(/^\/+/, ''));
  return tarFile({ type: 'file', name, mode, uid: Number(uid) || 0, gid: Number(gid) || 0 }, content);
}
