import type { SearchResult } from '../../api/registry.js';
import type { Digest } from '../../shared/digest.js';
import { decodeImageConfig } from '../image/decode-image-config.js';
import { parseReference, withDefaultTag } from '../image/reference.js';
import { decodeManifest, mediaTypeOf, type Platform } from './manifest.js';
import type { RegistryCredentials } from './puller.js';
import { dockersCertificates } from './registry-agents.js';
import { RegistryClient } from './registry-client.js';
import { isInsecure, registryHosts } from './registry-hosts.js';
import { loginToRegistry } from './registry-login.js';
import { type SearchOptions, searchPlace, searchRegistry } from './registry-search.js';

export interface RegistryDirectoryOptions {
  readonly insecureRegistries?: readonly string[];
  readonly certificatesDirectories?: readonly string[];
  readonly stallMs?: number;
}

/** What a registry says of an image, without pulling it (Engine API, DistributionInspect). */
export interface DistributionInspect {
  readonly Descriptor: { readonly mediaType: string; readonly digest: Digest; readonly size: number };
  readonly Platforms: readonly Platform[];
}

/** Questions to registries that change nothing here. */
export class RegistryDirectory {
  readonly #options: RegistryDirectoryOptions;

  constructor(options: RegistryDirectoryOptions) {
    this.#options = options;
  }

  /** Answers an identity token where the registry gives one. Throws REGISTRY_UNAUTHORIZED, REGISTRY_UNREACHABLE. */
  login(server: string, credentials: RegistryCredentials, signal: AbortSignal): Promise<string | undefined> {
    const host = hostOf(server);
    return loginToRegistry({ host, credentials, ...this.#connection(host), signal });
  }

  /** Throws REFERENCE_INVALID, IMAGE_NOT_FOUND, REGISTRY_DENIED, REGISTRY_UNREACHABLE. */
  async inspect(
    name: string,
    credentials: RegistryCredentials | undefined,
    signal: AbortSignal,
  ): Promise<DistributionInspect> {
    const reference = withDefaultTag(parseReference(name));
    const [host = reference.domain] = registryHosts(reference.domain, []);
    const client = await RegistryClient.connect({
      ...{ host, reference, credentials, signal },
      ...this.#connection(host),
    });
    try {
      const { content, digest } = await client.manifest(reference.digest ?? reference.tag ?? 'latest');
      const manifest = decodeManifest(content);
      return {
        Descriptor: { mediaType: mediaTypeOf(content), digest, size: content.length },
        Platforms:
          manifest.kind === 'index'
            ? manifest.manifests.flatMap(({ platform }) => platform ?? [])
            : [platformOf(await client.blob(manifest.config.digest))],
      };
    } finally {
      client.close();
    }
  }

  /** Throws REGISTRY_SEARCH_REFUSED where the registry has no search, REGISTRY_UNREACHABLE. */
  search(options: SearchOptions): Promise<readonly SearchResult[]> {
    return searchRegistry(options, this.#connection(searchPlace(options.term).host));
  }

  #connection(host: string) {
    return {
      insecure: isInsecure(host, this.#options.insecureRegistries ?? []),
      certificatesDirectories: this.#options.certificatesDirectories ?? dockersCertificates,
      stallMs: this.#options.stallMs ?? 60_000,
    };
  }
}

/** `docker login` sends a host, or a URL, and Docker Hub's of old. */
function hostOf(server: string): string {
  const host = server.replace(/^https?:\/\//, '').replace(/\/.*$/s, '');
  const isHub = host === '' || host === 'index.docker.io' || host === 'docker.io';
  return isHub ? (registryHosts('docker.io', [])[0] ?? host) : host;
}

function platformOf(configBlob: Buffer): Platform {
  const { os, architecture, variant } = decodeImageConfig(configBlob);
  return { architecture, os, ...(variant && { variant }) };
}
