import type { ImageInspect, ImageSummary } from '../../../api/image.js';
import type { Image } from '../../image/image-store.js';

const never = '0001-01-01T00:00:00Z';

/** Only the names that a `reference` filter asks for are shown. */
export function imageSummary(image: Image, references: ReadonlySet<string> | undefined): ImageSummary {
  const { id, repoTags, repoDigests, config, size, parent } = image;
  const tags = references ? repoTags.filter((tag) => matchesReference(tag, references)) : repoTags;
  return {
    Id: id,
    ParentId: parent ?? '',
    RepoTags: tags,
    RepoDigests: repoDigests,
    Created: Math.max(0, Math.trunc(Date.parse(config.created ?? never) / 1000)) || 0,
    Size: size,
    SharedSize: -1,
    VirtualSize: size,
    Labels: config.config?.Labels ?? null,
    Containers: -1,
  };
}

export function inspectImage(
  { id, config, repoTags, repoDigests, size, parent, taggedAt }: Image,
  driver: string,
): ImageInspect {
  return {
    Id: id,
    RepoTags: repoTags,
    RepoDigests: repoDigests,
    Parent: parent ?? '',
    Comment: config.comment ?? '',
    Created: config.created ?? never,
    Container: '',
    ContainerConfig: {},
    DockerVersion: config.docker_version ?? '',
    Author: config.author ?? '',
    Config: runConfig(config.config ?? {}),
    Architecture: config.architecture,
    ...(config.variant && { Variant: config.variant }),
    Os: config.os,
    Size: size,
    VirtualSize: size,
    GraphDriver: { Name: driver, Data: null },
    RootFS: { Type: 'layers', Layers: config.rootfs.diff_ids },
    Metadata: { LastTagTime: taggedAt ?? never },
  };
}

/** Docker's reference patterns: a name without a tag means any; "*" is any run of characters but a slash. */
export function matchesReference(tag: string, patterns: ReadonlySet<string>): boolean {
  const name = tag.replace(/:[^:/]*$/, '');
  return [...patterns].some((pattern) => {
    const expression = new RegExp(
      `^${pattern
        .replace(/[.+^${}()|[\]\\]/g, '\\$&')
        .replaceAll('*', '[^/]*')
        .replaceAll('?', '[^/]')}$`,
    );
    return expression.test(tag) || expression.test(name);
  });
}

/** Every field of Go's struct, as dockerd writes it. */
function runConfig(config: object): object {
  return {
    Hostname: '',
    Domainname: '',
    User: '',
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    Tty: false,
    OpenStdin: false,
    StdinOnce: false,
    Env: null,
    Cmd: null,
    Image: '',
    Volumes: null,
    WorkingDir: '',
    Entrypoint: null,
    OnBuild: null,
    Labels: null,
    ...config,
  };
}
