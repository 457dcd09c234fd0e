import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { isJsonObject } from '../../../shared/json.js';
import { packageRoot } from '../../../shared/package-root.js';
import { newerAttributes } from './newer-attributes.js';

/** Takes its time; the build puts the function itself in this module's place (scripts/compiled-schema.mjs). */
export function compiledSchema(): ValidateFunction {
  return new Ajv(ajvOptions).compile(composeSchema(packageRoot()));
}

export const ajvOptions = { allErrors: true, strict: false, verbose: true, validateSchema: false };

/**
 * The JSON schema of Compose files. templates/compose/compose-spec.json is that of the specification, unchanged, as
 * compose-go 2.4.8 ships it (Debian's golang-github-compose-spec-compose-go-dev), under the Apache License 2.0.
 */
export function composeSchema(root: string): object {
  const file = join(root, 'templates/compose/compose-spec.json');
  const schema: Record<string, unknown> = JSON.parse(readFileSync(file, 'utf8'));
  for (const [path, attributes] of Object.entries(newerAttributes)) {
    Object.assign(schemaAt(schema, path.split(/\.(?![_-])/)), attributes);
  }
  return { ...schema, $schema: undefined };
}

function schemaAt(schema: unknown, path: readonly string[]): object {
  let node = schema;
  for (const part of path) node = Object.entries(node ?? {}).find(([key]) => key === part)?.[1];
  if (!isJsonObject(node)) throw new Error(`the schema of Compose files has no "${path.join('.')}"`);
  return node;
}
