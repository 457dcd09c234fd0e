import type { ImageSummary } from '../../api/client/types.js';
import { formatBytes, formatBytesFinely } from '../../shared/bytes.js';
import { shortId } from '../../shared/identifiers.js';
import { humanAge } from './human-duration.js';

/** The fields of docker's `images --format`. */
export interface ImageRow {
  readonly Containers: string;
  readonly CreatedAt: string;
  readonly CreatedSince: string;
  readonly Digest: string;
  readonly ID: string;
  readonly Repository: string;
  readonly SharedSize: string;
  readonly Size: string;
  readonly Tag: string;
  readonly UniqueSize: string;
  readonly VirtualSize: string;
}

export interface ImageRowOptions {
  readonly noTruncation: boolean;
  /** One row for each tag and digest, instead of one for each tag. */
  readonly digests: boolean;
  /** Now, in milliseconds since the epoch. */
  readonly now: number;
}

const none = '<none>';

export function imageTable({ digests }: { readonly digests: boolean }): string {
  const digest = digests ? '{{.Digest}}\t' : '';
  return `table {{.Repository}}\t{{.Tag}}\t${digest}{{.ID}}\t{{.CreatedSince}}\t{{.Size}}`;
}

export const imageHeaders: Readonly<Record<string, string>> = {
  ID: 'IMAGE ID',
  CreatedSince: 'CREATED',
  CreatedAt: 'CREATED AT',
};

/** A row for each name of the image; one with `<none>` for an image that has none. */
export function imageRows(image: ImageSummary, options: ImageRowOptions): readonly ImageRow[] {
  const id = image.Id.replace(/^sha256:/, '');
  const unknown = 'N/A';
  return namesOf(image, options.digests).map(({ repository, tag, digest }) => ({
    Containers: unknown,
    CreatedAt: `${new Date(image.Created * 1000).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`,
    CreatedSince: humanAge(image.Created, options.now),
    Digest: digest,
    ID: options.noTruncation ? image.Id : shortId(id),
    Repository: repository,
    SharedSize: unknown,
    Size: formatBytes(image.Size),
    Tag: tag,
    UniqueSize: unknown,
    VirtualSize: formatBytesFinely(image.Size),
  }));
}

interface Name {
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

function namesOf(image: ImageSummary, withDigests: boolean): readonly Name[] {
  const tags = (image.RepoTags ?? [])
    .filter((name) => name !== '<none>:<none>')
    .map((name) => cut(name, ':'));
  const digests = (image.RepoDigests ?? [])
    .filter((name) => name !== '<none>@<none>')
    .map((name) => cut(name, '@'));
  const tagged = tags.flatMap(([repository, tag]): readonly Name[] => {
    const own = withDigests
      ? digests.filter(([name]) => name === repository).map(([, digest]) => digest)
      : [];
    return (own.length > 0 ? own : [none]).map((digest) => ({ repository, tag, digest }));
  });
  const untagged = digests
    .filter(([repository]) => !tags.some(([name]) => name === repository))
    .map(([repository, digest]) => ({ repository, tag: none, digest: withDigests ? digest : none }));
  const names = [...tagged, ...untagged];
  return names.length > 0 ? names : [{ repository: none, tag: none, digest: none }];
}

function cut(text: string, separator: string): readonly [string, string] {
  const at = text.lastIndexOf(separator);
  return [text.slice(0, at), text.slice(at + 1)];
}
