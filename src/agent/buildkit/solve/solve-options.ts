import type { HostConfig } from '../../../api/container-config.js';
import { parsePlatform } from '../../build/exec/platform.js';
import type { BuildPlatform } from '../../build/exec/request.js';
import { multiPlatformUnsupported, solveInvalid, solveUnsupported } from '../errors.js';

/** What BuildKit's clients say to the Dockerfile front end, as attributes. */
export interface SolveOptions {
  readonly filename: string;
  /** Which of the client's directories has the Dockerfile, and which the context. */
  readonly dockerfileDirectory: string;
  readonly contextDirectory: string;
  /** A URL in place of the client's directory. */
  readonly remote: string | undefined;
  /** The Dockerfile is the client's also where the context is a URL. */
  readonly ownDockerfile: boolean;
  readonly target: string | undefined;
  readonly buildArgs: ReadonlyMap<string, string>;
  /** BUILDKIT_DOCKERFILE_CHECK. */
  readonly check: string | undefined;
  readonly labels: ReadonlyMap<string, string>;
  readonly platform: BuildPlatform | undefined;
  readonly noCache: boolean | ReadonlySet<string>;
  readonly pull: boolean;
  /** Of them, images whose steps may count as cached. */
  readonly cacheFrom: readonly string[];
  readonly cacheImports: readonly CacheEntry[];
  /** --build-context: "docker-image://…", "local:…", a URL, "input:…", by name. */
  readonly contexts: ReadonlyMap<string, string>;
  readonly hostConfig: HostConfig;
}

export type Attributes = ReadonlyMap<string, string>;

export interface CacheEntry {
  readonly Type: string;
  readonly Attrs: Attributes;
}

/** Throws SOLVE_INVALID, SOLVE_UNSUPPORTED with the name of what there is not. */
export function solveOptions(attributes: Attributes, cacheImports: readonly CacheEntry[]): SolveOptions {
  refuseUnsupported(attributes);
  const noCache = attributes.get('no-cache');
  const prefixed = (prefix: string) =>
    new Map(
      [...attributes].flatMap(([name, value]): [string, string][] =>
        name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
      ),
    );
  const buildArgs = new Map([...prefixed('build-arg:')].filter(([name]) => !name.startsWith('BUILDKIT_')));
  return {
    filename: attributes.get('filename') || 'Dockerfile',
    dockerfileDirectory: attributes.get('dockerfilekey') || 'dockerfile',
    contextDirectory: attributes.get('contextkey') || 'context',
    remote: attributes.get('context') || undefined,
    ownDockerfile: attributes.has('dockerfilekey'),
    target: attributes.get('target') || undefined,
    check: attributes.get('build-arg:BUILDKIT_DOCKERFILE_CHECK'),
    ...{ buildArgs, labels: prefixed('label:'), contexts: contextsOf(prefixed('context:')) },
    platform: platformOf(attributes.get('platform')),
    noCache: noCache ? new Set(noCache.toLowerCase().split(',')) : noCache !== undefined,
    pull: attributes.get('image-resolve-mode') === 'pull',
    ...cacheSources(attributes, cacheImports),
    hostConfig: hostConfig(attributes),
  };
}

function refuseUnsupported(attributes: Attributes): void {
  for (const [name, value] of attributes) {
    if (name.startsWith('attest:') && !/(?:^|,)disabled=true(?:,|$)/.test(value))
      throw solveUnsupported(`the attestation ${JSON.stringify(name.slice('attest:'.length))}`);
  }
  if (attributes.get('multi-platform') === 'true')
    throw multiPlatformUnsupported(attributes.get('platform') ?? 'the platforms');
  if (attributes.get('hostname')) throw solveUnsupported('a host name for builds ("hostname")');
  const frontend = attributes.get('build-arg:BUILDKIT_SYNTAX');
  if (frontend) checkFrontend(frontend, 'BUILDKIT_SYNTAX');
}

/** The engine has the Dockerfile front end itself; others are images that it does not run. */
export function checkFrontend(image: string, source: string): void {
  if (/^(?:docker\.io\/)?docker\/dockerfile(?:-upstream)?(?:[:@]|$)/.test(image)) return;
  throw solveUnsupported(`the front end ${JSON.stringify(image)} (${source})`);
}

function platformOf(text: string | undefined): BuildPlatform | undefined {
  if (!text) return undefined;
  if (text.includes(',')) throw multiPlatformUnsupported(text);
  return parsePlatform(text);
}

/** "name::linux/amd64" is for one platform, which is this one. */
function contextsOf(given: Attributes): ReadonlyMap<string, string> {
  return new Map([...given].map(([name, value]) => [name.replace(/::.*$/, ''), value]));
}

function cacheSources(
  attributes: Attributes,
  given: readonly CacheEntry[],
): Pick<SolveOptions, 'cacheFrom' | 'cacheImports'> {
  const plain = (attributes.get('cache-from') ?? '').split(',').filter(Boolean);
  const entries = given.length > 0 ? given : importsOf(attributes.get('cache-imports'));
  const listed = new Set(entries.map(({ Attrs }) => Attrs.get('ref')));
  const cacheImports = [...entries, ...plain.filter((ref) => !listed.has(ref)).map(registryEntry)];
  for (const entry of cacheImports) checkCacheImport(entry);
  const names = cacheImports.flatMap(({ Type, Attrs }) =>
    Type === 'registry' ? (Attrs.get('ref') ?? []) : [],
  );
  return { cacheFrom: [...new Set(names)], cacheImports };
}

function registryEntry(ref: string): CacheEntry {
  return { Type: 'registry', Attrs: new Map([['ref', ref]]) };
}

function checkCacheImport({ Type, Attrs }: CacheEntry): void {
  if (Type !== 'registry' && Type !== 'local')
    throw solveUnsupported(`a cache of type ${JSON.stringify(Type)} ("cache-from")`);
  if (Type === 'registry' && !Attrs.get('ref')) throw solveInvalid('registry cache importer requires ref');
  if (Type === 'local' && !Attrs.get('src')) throw solveInvalid('local cache importer requires src');
}

function importsOf(json: string | undefined): readonly CacheEntry[] {
  if (!json) return [];
  try {
    const entries: readonly { Type?: string; Attrs?: Record<string, string> }[] = JSON.parse(json);
    return entries.map(({ Type = '', Attrs = {} }) => ({ Type, Attrs: new Map(Object.entries(Attrs)) }));
  } catch (error) {
    throw solveInvalid(`failed to unmarshal cache-imports (${json}): ${String(error)}`);
  }
}

function hostConfig(attributes: Attributes): HostConfig {
  const shmSize = numberOf(attributes.get('shm-size'), 'shm-size');
  return {
    NetworkMode: networkOf(attributes.get('force-network-mode')),
    ExtraHosts: (attributes.get('add-hosts') ?? '').split(',').filter(Boolean).map(hostOf),
    Ulimits: (attributes.get('ulimit') ?? '').split(',').filter(Boolean).map(ulimitOf),
    CgroupParent: attributes.get('cgroup-parent') ?? '',
    ...(shmSize > 0 && { ShmSize: shmSize }),
  };
}

function networkOf(name: string | undefined): string {
  if (!name || name === 'default' || name === 'sandbox') return '';
  if (name === 'none' || name === 'host') return name;
  throw solveInvalid(
    `invalid network mode ${JSON.stringify(name)}: only "default", "none" and "host" are there`,
  );
}

/** "name=address". */
function hostOf(entry: string): string {
  const equals = entry.indexOf('=');
  if (equals <= 0) throw solveInvalid(`invalid additional host ${JSON.stringify(entry)}`);
  return `${entry.slice(0, equals)}:${entry.slice(equals + 1)}`;
}

/** "nofile=1024:2048". */
function ulimitOf(entry: string) {
  const [, Name, soft, hard = soft] = /^(\w+)=(-?\d+)(?::(-?\d+))?$/.exec(entry) ?? [];
  if (!Name) throw solveInvalid(`invalid ulimit ${JSON.stringify(entry)}`);
  return { Name, Soft: Number(soft), Hard: Number(hard) };
}

function numberOf(text: string | undefined, name: string): number {
  if (!text) return 0;
  if (!/^\d{1,15}$/.test(text)) throw solveInvalid(`invalid value for ${name}: ${JSON.stringify(text)}`);
  return Number(text);
}
