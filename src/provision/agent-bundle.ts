import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { readJson, writeJsonAtomically } from '../shared/atomic-file.js';
import { digestHex, digestOf } from '../shared/digest.js';
import { TsmachineError } from '../shared/errors.js';
import { isJsonObject } from '../shared/json.js';
import { packageRoot } from '../shared/package-root.js';
import { architectureNotSupported } from './errors.js';
import { packageDirectory } from './npm-package.js';
import { pinnedPackages } from './pinned-packages.js';

/** A file of the agent, to be installed as it is. */
export interface BundleFile {
  readonly name: string;
  readonly content: Buffer;
  readonly digest: string;
}

/** The Node binary for a host, sent gzip-compressed. */
export interface NodeBinary {
  /** Hex SHA-256 of the binary itself. */
  readonly digest: string;
  /** Bytes of the binary and of what is sent. */
  readonly size: number;
  readonly compressedSize: number;
  open(): Readable;
}

export interface AgentBundle {
  /** Names the directory on the host: a digest over all files. */
  readonly digest: string;
  readonly files: readonly BundleFile[];
  readonly node: NodeBinary;
}

export interface HostPlatform {
  /** As `uname -m` says. */
  readonly machine: string;
  readonly musl: boolean;
}

/** Finds what a host of this platform needs. Throws ARCHITECTURE_NOT_SUPPORTED, AGENT_NOT_BUILT, PACKAGE_UNAVAILABLE. */
export async function loadAgentBundle(platform: HostPlatform, signal: AbortSignal): Promise<AgentBundle> {
  const architecture = toNodeArchitecture(platform.machine);
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'tsmachine');
  await mkdir(cache, { recursive: true, mode: 0o700 });
  const [agent, addon, node] = await Promise.all([
    readAgent(),
    readAddon(architecture, platform.musl, cache, signal),
    readNode(architecture, cache, signal),
  ]);
  const files = [bundleFile('agent.mjs', agent), bundleFile('koffi.node', addon)];
  return { digest: digestHex(digestOf(files.map(({ digest }) => digest).join())), files, node };
}

function toNodeArchitecture(machine: string): 'x64' | 'arm64' {
  if (machine === 'x86_64') return 'x64';
  if (machine === 'aarch64') return 'arm64';
  throw architectureNotSupported(machine);
}

async function readAgent(): Promise<Buffer> {
  const path = join(packageRoot(), 'dist', 'agent', 'agent.mjs');
  return readFile(path).catch((cause) => {
    throw new TsmachineError('internal', 'AGENT_NOT_BUILT', `the agent is not built: no "${path}"`, {
      hints: ['run "npm run build"'],
      cause,
    });
  });
}

async function readAddon(architecture: 'x64' | 'arm64', musl: boolean, cache: string, signal: AbortSignal) {
  const directory = await packageDirectory(
    pinnedPackages[`@koromix/koffi-linux-${architecture}`],
    cache,
    signal,
  );
  return readFile(join(directory, `${musl ? 'musl' : 'linux'}_${architecture}`, 'koffi.node'));
}

function bundleFile(name: string, content: Buffer): BundleFile {
  return { name, content, digest: digestHex(digestOf(content)) };
}

/** Compressing takes seconds, so it is done once; the result is remembered by the binary's size and time. */
async function readNode(
  architecture: 'x64' | 'arm64',
  cache: string,
  signal: AbortSignal,
): Promise<NodeBinary> {
  const directory = await packageDirectory(pinnedPackages[`node-linux-${architecture}`], cache, signal);
  const source = join(directory, 'bin', 'node');
  const { size, mtimeMs } = await stat(source);
  const archive = join(cache, `node-linux-${architecture}.gz`);
  const note = join(cache, `node-linux-${architecture}.json`);
  const known = await readNote(note);
  const compressed = await stat(archive).catch(() => undefined);
  if (
    known &&
    compressed &&
    known.size === size &&
    known.mtimeMs === mtimeMs &&
    known.compressedSize === compressed.size
  ) {
    return { ...known, open: () => createReadStream(archive) };
  }
  const digest = await compress(source, archive, signal);
  const made = { digest, size, mtimeMs, compressedSize: (await stat(archive)).size };
  await writeJsonAtomically(note, made);
  return { ...made, open: () => createReadStream(archive) };
}

interface Note {
  readonly digest: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly compressedSize: number;
}

async function readNote(path: string): Promise<Note | undefined> {
  const value = await readJson(path).catch(() => undefined);
  if (!isJsonObject(value) || typeof value['digest'] !== 'string') return undefined;
  const { digest, size, mtimeMs, compressedSize } = value;
  return { digest, size: Number(size), mtimeMs: Number(mtimeMs), compressedSize: Number(compressedSize) };
}

/** Answers the hex SHA-256 of the uncompressed content. */
async function compress(source: string, target: string, signal: AbortSignal): Promise<string> {
  const staging = `${target}.${randomBytes(4).toString('hex')}.tmp`;
  const hash = createHash('sha256');
  try {
    const content = createReadStream(source).on('data', (chunk) => hash.update(chunk));
    await pipeline(content, createGzip({ level: 6 }), createWriteStream(staging, { mode: 0o600 }), {
      signal,
    });
    await rename(staging, target);
  } finally {
    await rm(staging, { force: true });
  }
  return hash.digest('hex');
}
