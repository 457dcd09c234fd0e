import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ErrorObject } from 'ajv';
import { isJsonObject } from '../../../shared/json.js';
import { packageRoot } from '../../../shared/package-root.js';
import type { Mapping } from '../value.js';
import { newerAttributes } from './newer-attributes.js';

/**
 * All that is wrong with a merged file, as the specification's JSON schema has it. templates/compose/compose-spec.json
 * is that schema unchanged, as compose-go 2.4.8 ships it (Debian's golang-github-compose-spec-compose-go-dev), under
 * the Apache License 2.0.
 */
export function schemaErrors(content: Mapping): readonly ErrorObject[] {
  const validate = validator();
  return validate(content) ? [] : (validate.errors ?? []);
}

let compiled: ReturnType<Ajv['compile']> | undefined;

/** Compiled when it is first needed: that takes time. */
function validator(): ReturnType<Ajv['compile']> {
  compiled ??= new Ajv({ allErrors: true, strict: false, verbose: true, validateSchema: false }).compile(
    readSchema(),
  );
  return compiled;
}

function readSchema(): object {
  const file = join(packageRoot(), 'templates/compose/compose-spec.json');
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
