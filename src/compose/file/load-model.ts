import { canonical, withDefaults } from './canonical.js';
import { checkElements } from './check-elements.js';
import { applyExtends } from './extends.js';
import { importResources, readInclusions } from './include.js';
import type { FailAt } from './interpolate.js';
import { failIn, type LoadContext } from './load-context.js';
import { mergeFiles } from './merge.js';
import { resolveListedVariables } from './normalize.js';
import { interpolated, readDocuments } from './read-documents.js';
import { removePaths } from './remove-paths.js';
import { resolvePaths } from './resolve-paths.js';
import { validateSchema } from './schema/validate-schema.js';
import { uniqueItems } from './unique-items.js';
import { type Mapping, without } from './value.js';
import type { YamlDocument } from './yaml-file.js';

/**
 * Reads Compose files and merges them into one with only long forms and absolute paths. Throws COMPOSE_FILE_INVALID and
 * COMPOSE_YAML_INVALID with file, line and column. `included`: the files whose `include` led here.
 */
export async function loadModel(
  files: readonly string[],
  context: LoadContext,
  included: readonly string[] = [],
): Promise<Mapping> {
  let merged: Mapping = {};
  for (const file of files) {
    for (const document of await readDocuments(file, context)) {
      merged = await addDocument(merged, { document, file, included }, context);
    }
  }
  const model = withDefaults(merged);
  checkElements(model, context);
  const resolved = context.pathBase === undefined ? model : resolvePaths(model, context.pathBase);
  return resolveListedVariables(resolved, context.lookup);
}

interface Added {
  readonly document: YamlDocument;
  readonly file: string;
  readonly included: readonly string[];
}

/** Puts a document over what the ones before it say. */
async function addDocument(base: Mapping, added: Added, context: LoadContext): Promise<Mapping> {
  const { document, file, included } = added;
  const fail = failIn(document);
  const extended = await applyExtends(interpolated(document, context), { file, document }, context);
  const whole = await addInclusions(extended, context, [...included, file], fail);
  const merged = uniqueItems(mergeFiles(removePaths(base, document.replaced), whole, fail));
  validateSchema(merged, whole, document, context.documents);
  if (merged['version'] !== undefined) warnOfVersion(file, context);
  const options = { fail, warn: context.warn, lenient: !context.interpolate };
  // A range of ports shows only now which ports it has.
  return uniqueItems(canonical(without(merged, 'version'), options), fail);
}

async function addInclusions(
  content: Mapping,
  context: LoadContext,
  included: readonly string[],
  fail: FailAt,
): Promise<Mapping> {
  let whole = content;
  for (const inclusion of await readInclusions(content, context, included, fail)) {
    const imported = await loadModel(inclusion.files, inclusion.context, included);
    whole = importResources(whole, imported, fail);
  }
  return without(whole, 'include');
}

/** In Compose's words. */
function warnOfVersion(file: string, { warn }: LoadContext): void {
  warn(
    `${file}: the attribute \`version\` is obsolete, it will be ignored, please remove it to avoid potential confusion`,
  );
}
