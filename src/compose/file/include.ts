import { stat } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { readEnvFiles } from './env-files.js';
import type { FailAt } from './interpolate.js';
import { fileTitle, type LoadContext, named } from './load-context.js';
import { absolutePath } from './resolve-paths.js';
import { isMapping, isSequence, type Mapping, mappingAt, type Value, without } from './value.js';

/** A Compose project that another one includes. */
export interface Inclusion {
  /** Absolute; the first one and what overrides it. */
  readonly files: readonly string[];
  /** With the directory and the env files of the included project. */
  readonly context: LoadContext;
}

/** What `include` of a file says. `included`: the files whose `include` led here. */
export async function readInclusions(
  content: Mapping,
  context: LoadContext,
  included: readonly string[],
  fail: FailAt,
): Promise<readonly Inclusion[]> {
  const list = content['include'] ?? [];
  if (!isSequence(list)) throw fail(['include'], 'include must be a list');
  const inclusions: Inclusion[] = [];
  for (const [index, entry] of list.entries()) {
    const fields: Mapping = isMapping(entry) ? entry : { path: entry };
    const files = texts(fields['path']).map((file) => absolutePath(file, context.workingDirectory));
    const main = files[0];
    if (main === undefined) throw fail(['include', index], `include[${index}]: path is missing`);
    if (included.includes(main)) {
      const circle = [...included.slice(included.indexOf(main)), main].map(fileTitle).join('\n  include ');
      throw fail(['include', index], `include cycle detected:\n  ${circle}`);
    }
    const fails = (message: string) => fail(['include', index], `include[${index}]: ${message}`);
    await named(Promise.all(files.map(context.readText)), fails); // they are kept
    inclusions.push({ files, context: await named(contextOf(fields, main, context), fails) });
  }
  return inclusions;
}

/** Adds the services, networks and so on of an included project. */
export function importResources(content: Mapping, imported: Mapping, fail: FailAt): Mapping {
  const kinds = ['services', 'volumes', 'networks', 'secrets', 'configs', 'models'];
  return {
    ...without(content, 'include'),
    ...Object.fromEntries(
      kinds
        .filter((kind) => imported[kind] !== undefined)
        .map((kind) => {
          const [own, others] = [mappingAt(content, kind), mappingAt(imported, kind)];
          for (const name of Object.keys(others)) {
            if (own[name] === undefined || isDeepStrictEqual(own[name], others[name])) continue;
            throw fail([kind, name], `${kind}.${name} conflicts with imported resource`);
          }
          return [kind, { ...own, ...others }];
        }),
    ),
  };
}

async function contextOf(fields: Mapping, main: string, context: LoadContext): Promise<LoadContext> {
  const given = fields['project_directory'];
  const workingDirectory =
    typeof given === 'string' ? absolutePath(given, context.workingDirectory) : path.dirname(main);
  const named = texts(fields['env_file']).map((file) => absolutePath(file, context.workingDirectory));
  const envFiles = named.length > 0 ? named : await defaultEnvFile(workingDirectory);
  const variables = await readEnvFiles(envFiles, context);
  return {
    ...context,
    workingDirectory,
    pathBase: context.pathBase === undefined ? relativeTo(context, workingDirectory) : workingDirectory,
    lookup: (name) => context.lookup(name) ?? variables.get(name),
  };
}

/** Paths of an included file are moved even where those of the main file stay as they are. */
function relativeTo({ workingDirectory }: LoadContext, directory: string): string {
  return path.relative(workingDirectory, directory) || '.';
}

async function defaultEnvFile(directory: string): Promise<readonly string[]> {
  const file = path.join(directory, '.env');
  const found = await stat(file).catch(() => undefined);
  return found?.isFile() ? [file] : [];
}

function texts(value: Value | undefined): readonly string[] {
  if (typeof value === 'string') return [value];
  return isSequence(value) ? value.filter((each) => typeof each === 'string') : [];
}
