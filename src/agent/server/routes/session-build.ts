import type { Readable } from 'node:stream';
import { list, map, object, text } from '../../../api/decode.js';
import type { ProgressMessage } from '../../../api/progress.js';
import { invalidParameter } from '../errors.js';
import type { Query } from '../query.js';
import type { ApiRequest } from '../route.js';
import { decoded, refuseUnsupported } from './build-query.js';

export interface SessionBuildBackend {
  buildBySession(request: {
    readonly ref: string;
    readonly sessionId: string;
    readonly remote: string | undefined;
    readonly attributes: ReadonlyMap<string, string>;
    readonly exports: readonly { readonly type: string; readonly attributes: ReadonlyMap<string, string> }[];
    readonly cacheFrom: readonly string[];
    readonly body: Readable;
    readonly signal: AbortSignal;
  }): AsyncIterable<ProgressMessage>;
  cancel(ref: string): void;
}

/** `POST /build` of docker 18.09 to 22 with DOCKER_BUILDKIT=1: its parameters as attributes of the front end. */
export function sessionBuild(
  builds: SessionBuildBackend,
  { query, body, signal }: ApiRequest,
): AsyncIterable<ProgressMessage> {
  refuseUnsupported(query);
  const ref = query.text('buildid') ?? '';
  const sessionId = query.text('session') ?? '';
  if (sessionId === '' && !ref.startsWith('upload-request:'))
    throw invalidParameter('a build with BuildKit needs a session');
  return builds.buildBySession({
    ...{ ref, sessionId, remote: query.text('remote'), attributes: attributesOf(query), body, signal },
    exports: exportsOf(query),
    cacheFrom: decoded(query, 'cachefrom', list(text)) ?? [],
  });
}

function attributesOf(query: Query): ReadonlyMap<string, string> {
  const hosts = query.list('extrahosts').flatMap((value) => value.split(','));
  const optional: readonly (readonly [string, string | undefined])[] = [
    ['filename', query.text('dockerfile')],
    ['target', query.text('target')],
    ['platform', query.text('platform')],
    ['force-network-mode', query.text('networkmode')],
    ['cgroup-parent', query.text('cgroupparent')],
    ['shm-size', query.text('shmsize')],
    ['add-hosts', hosts.map((host) => host.replace(':', '=')).join(',') || undefined],
    ['no-cache', query.flag('nocache') ? '' : undefined],
    ['image-resolve-mode', query.flag('pull') ? 'pull' : undefined],
  ];
  const prefixed = (prefix: string, values: Readonly<Record<string, string>> = {}) =>
    Object.entries(values).map(([name, value]) => [`${prefix}${name}`, value] as const);
  return new Map([
    ...optional.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
    ...prefixed('build-arg:', decoded(query, 'buildargs', map(text))),
    ...prefixed('label:', decoded(query, 'labels', map(text))),
  ]);
}

const outputs = list(object({ Type: text, Attrs: map(text) }));

function exportsOf(query: Query) {
  const given = decoded(query, 'outputs', outputs) ?? [];
  const name = query.list('t').join(',');
  if (given.length === 0) return [{ type: 'moby', attributes: new Map(name === '' ? [] : [['name', name]]) }];
  return given.map(({ Type = '', Attrs = {} }) => {
    const isImage = Type === 'image' || Type === 'docker' || Type === 'oci';
    const names = isImage && name !== '' && Attrs['name'] === undefined ? { name } : {};
    return { type: Type, attributes: new Map(Object.entries({ ...names, ...Attrs })) };
  });
}
