import { isMapping, valueText } from '../file/value.js';
import type { Build, SshKey } from '../model/build.js';
import { type Codec, type Encoded, field, object } from './codec.js';
import { extraHosts, labels, list, record, textOrTexts, texts, variables } from './collections.js';
import { bytes, flag, text } from './scalars.js';
import { fileReference, ulimit } from './shared-elements.js';

const sshKeys: Codec<readonly SshKey[]> = {
  decode: (value) =>
    Object.entries(isMapping(value) ? value : {}).map(([id, path]) =>
      path === null ? { id } : { id, path: valueText(path) },
    ),
  yaml: (keys) => written(keys, ': '),
  json: (keys) => written(keys, '='),
};

export const build = object<Build>({
  context: field('context', text),
  dockerfile: field('dockerfile', text),
  dockerfileInline: field('dockerfile_inline', text),
  entitlements: field('entitlements', texts),
  args: field('args', variables),
  ssh: field('ssh', sshKeys),
  labels: field('labels', labels),
  cacheFrom: field('cache_from', textOrTexts),
  cacheTo: field('cache_to', textOrTexts),
  noCache: field('no_cache', flag),
  additionalContexts: field('additional_contexts', labels),
  pull: field('pull', flag),
  extraHosts: field('extra_hosts', extraHosts),
  isolation: field('isolation', text),
  network: field('network', text),
  target: field('target', text),
  secrets: field('secrets', list(fileReference)),
  shmSize: field('shm_size', bytes),
  tags: field('tags', textOrTexts),
  ulimits: field('ulimits', record(ulimit)),
  platforms: field('platforms', textOrTexts),
  privileged: field('privileged', flag),
  provenance: field('provenance', text),
  sbom: field('sbom', text),
});

function written(keys: readonly SshKey[], separator: string): Encoded | undefined {
  if (keys.length === 0) return undefined;
  return keys.map(({ id, path }) => (path === undefined ? id : `${id}${separator}${path}`)).sort();
}
