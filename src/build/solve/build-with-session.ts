import type { EngineClient } from '../../api/client/engine-client.js';
import type { SolveRequest } from '../../buildkit/wire/control.js';
import type { GrpcClient } from '../../grpc/client.js';
import { digestHex, digestOf } from '../../shared/digest.js';
import type { CacheEntry } from '../cache/cache-entry.js';
import type { LocalCaches } from '../cache/local-caches.js';
import { openBuildSession, type SessionMethods } from '../session/build-session.js';
import { contentMethods } from '../session/content.js';
import { fileSyncMethods } from '../session/file-sync.js';
import { type ExportTarget, exportMethods } from '../session/receive-exports.js';
import { type OpenSshAgent, sshMethods } from '../session/ssh-forward.js';
import { uploadMethods } from '../session/upload.js';
import { authMethods, type RegistryLogin, secretMethods } from '../session/values.js';
import type { BuildSources } from './build-sources.js';
import type { NamedContexts } from './named-contexts.js';
import { solve, type Watch } from './solve.js';

export interface BuildExport {
  readonly type: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Where on this computer it goes; undefined: it stays on the engine's side. */
  readonly target?: ExportTarget | undefined;
}

/** A build as BuildKit does it. */
export interface SessionBuild {
  readonly sources: BuildSources;
  /** Of the Dockerfile front end. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly contexts: NamedContexts;
  readonly exports: readonly BuildExport[];
  readonly cacheFrom: readonly CacheEntry[];
  readonly cacheTo: readonly CacheEntry[];
  readonly entitlements: readonly string[];
  readonly secrets: ReadonlyMap<string, () => Promise<Uint8Array>>;
  readonly sshAgents: ReadonlyMap<string, OpenSshAgent>;
  /** How to log in to the registry of this host. */
  login(host: string): Promise<RegistryLogin | undefined>;
  /** Those among the caches that are on this computer. */
  readonly localCaches: LocalCaches;
  /** Of this installation: engines tell by it whose directory they have. */
  readonly seed: string;
}

/** An engine, and its BuildKit. */
export interface BuildEngine {
  readonly client: EngineClient;
  readonly buildKit: GrpcClient;
}

export interface BuildWatch {
  readonly status: Watch;
  /** Bytes of files that have travelled to the engine. */
  readonly sent: (bytes: number) => void;
}

/**
 * Builds with an engine's BuildKit, which takes from this computer what it lacks. Answers what the engine says of the
 * result. Throws what `solve` throws.
 */
export async function buildWithSession(
  engine: BuildEngine,
  build: SessionBuild,
  watch: BuildWatch,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const result = await inSession(engine, build, watch, signal, (Session) =>
    solve(engine.buildKit, { ...requestOf(build), Session }, watch.status, signal),
  );
  await build.localCaches.keep(result);
  return result;
}

/** While a session offers the engine what the build may need of this computer. */
export async function inSession<T>(
  { client }: BuildEngine,
  build: SessionBuild,
  watch: BuildWatch,
  signal: AbortSignal,
  work: (session: string) => Promise<T>,
): Promise<T> {
  const sharedKey = digestHex(digestOf(`${build.seed} ${build.sources.place}`));
  const offer = { sharedKey, methods: methodsOf(build, watch) };
  await using session = await openBuildSession(client, offer, signal);
  return await work(session.id);
}

function methodsOf(build: SessionBuild, { sent }: BuildWatch): SessionMethods {
  const directories = new Map([...build.sources.directories, ...build.contexts.directories]);
  const targets = new Map(
    build.exports.flatMap(({ target }, number) => (target ? [[number, target] as const] : [])),
  );
  return [
    ...fileSyncMethods(directories, sent),
    ...uploadMethods(build.sources.uploads, sent),
    ...authMethods((host) => build.login(host)),
    ...secretMethods(build.secrets),
    ...(build.sshAgents.size > 0 ? sshMethods(build.sshAgents) : []),
    ...contentMethods(build.localCaches.stores),
    ...exportMethods(targets),
  ];
}

function requestOf(build: SessionBuild): Omit<Partial<SolveRequest>, 'Ref' | 'Session'> {
  const Exporters = build.exports.map(entryOf);
  const [first] = Exporters;
  const Imports = build.cacheFrom.map(entryOf);
  return {
    Frontend: frontEnd,
    FrontendAttrs: frontEndOptions(build),
    ...(first && { ExporterDeprecated: first.Type, ExporterAttrsDeprecated: first.Attrs, Exporters }),
    Cache: { Imports, Exports: build.cacheTo.map(entryOf) },
    Entitlements: build.entitlements,
  };
}

export const frontEnd = 'dockerfile.v0';

/** What the front end is told of a build. */
export function frontEndOptions(build: SessionBuild): ReadonlyMap<string, string> {
  const imports = build.cacheFrom.map(entryOf);
  const images = build.cacheFrom.flatMap(({ type, attributes }) =>
    type === 'registry' ? [attributes['ref'] ?? ''] : [],
  );
  return new Map(
    Object.entries({
      ...build.attributes,
      ...build.sources.attributes,
      ...build.contexts.attributes,
      ...(images.length > 0 && { 'cache-from': images.join(',') }), // what BuildKit before 0.4 reads
      ...(imports.length > 0 && { 'cache-imports': JSON.stringify(imports.map(asJson)) }),
    }),
  );
}

interface Entry {
  readonly Type: string;
  readonly Attrs: ReadonlyMap<string, string>;
}

function entryOf({ type, attributes }: CacheEntry): Entry {
  return { Type: type, Attrs: new Map(Object.entries(attributes)) };
}

function asJson({ Type, Attrs }: Entry): object {
  return { Type, Attrs: Object.fromEntries(Attrs) };
}
