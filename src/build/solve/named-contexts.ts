import { resolve } from 'node:path';
import { contextDirectory } from '../context.js';
import { isGitUrl } from '../git-context.js';
import { DirectorySource } from '../sync/directory-source.js';
import type { SyncSource } from '../sync/sync-source.js';

/** Further contexts: what the front end is told of them, and the directories among them. */
export interface NamedContexts {
  readonly attributes: Readonly<Record<string, string>>;
  readonly directories: ReadonlyMap<string, SyncSource>;
}

/** Directories of this computer by name, and what the engine finds itself: images, repositories, URLs. */
export async function namedContexts(given: Readonly<Record<string, string>>): Promise<NamedContexts> {
  const attributes: Record<string, string> = {};
  const directories = new Map<string, SyncSource>();
  for (const [name, value] of Object.entries(given)) {
    if (isElsewhere(value)) attributes[`context:${name}`] = value;
    else {
      directories.set(name, new DirectorySource(await contextDirectory(resolve(value))));
      attributes[`context:${name}`] = `local:${name}`;
    }
  }
  return { attributes, directories };
}

function isElsewhere(value: string): boolean {
  return isGitUrl(value) || /^(?:https?|docker-image|oci-layout|target):(?:\/\/)?/.test(value);
}
