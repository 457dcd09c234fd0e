import path from 'node:path';
import { projectNameEmpty, projectNameInvalid } from '../errors.js';
import type { Lookup } from '../file/template.js';
import { type Substitution, substitute } from '../file/template.js';
import type { YamlDocument } from '../file/yaml-file.js';

export interface NameSources {
  /** `-p`. */
  readonly given: string | undefined;
  readonly environment: Lookup;
  /** The `name:` of the files; the last one counts. */
  readonly documents: readonly YamlDocument[];
  readonly substitution: Substitution;
  readonly workingDirectory: string;
}

/** The first that there is: `-p`, COMPOSE_PROJECT_NAME, `name:` of a file, the name of the directory. */
export function projectName(sources: NameSources): string {
  const imposed = sources.given || sources.environment('COMPOSE_PROJECT_NAME');
  if (imposed) {
    if (normalizeProjectName(imposed) !== imposed) throw projectNameInvalid(imposed);
    return imposed;
  }
  const written = sources.documents
    .map(({ content }) => content['name'])
    .findLast((name) => typeof name === 'string' && name !== '');
  const name = normalizeProjectName(
    typeof written === 'string'
      ? substitute(written, sources.substitution)
      : path.basename(sources.workingDirectory),
  );
  if (name === '') throw projectNameEmpty();
  return name;
}

export function normalizeProjectName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '');
}
