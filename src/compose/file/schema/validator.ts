import type { ErrorObject, ValidateFunction } from 'ajv';
import type { Mapping } from '../value.js';
import { compiledSchema } from './compile.js';

let validate: ValidateFunction | undefined;

/** All that is wrong with a merged file, as the specification's JSON schema has it. */
export function schemaErrors(content: Mapping): readonly ErrorObject[] {
  validate ??= compiledSchema();
  return validate(content) ? [] : (validate.errors ?? []);
}
