import { interpolate } from './interpolate.js';
import { failIn, fileTitle, type LoadContext } from './load-context.js';
import type { Mapping } from './value.js';
import { readYaml, type YamlDocument } from './yaml-file.js';

/** The documents of a file, noted for the places of errors. */
export async function readDocuments(file: string, context: LoadContext): Promise<readonly YamlDocument[]> {
  const documents = readYaml(await context.readText(file), fileTitle(file));
  context.documents.push(...documents);
  return documents;
}

/** The content with variables replaced by their values. */
export function interpolated(document: YamlDocument, context: LoadContext): Mapping {
  if (!context.interpolate) return document.content;
  const unset = (name: string) =>
    context.warn(`The "${name}" variable is not set. Defaulting to a blank string.`);
  return interpolate(document.content, { lookup: context.lookup, unset }, failIn(document));
}
