import type { ErrorObject } from 'ajv';
import { nearest } from '../../../shared/nearest.js';
import type { Path } from '../path.js';

export interface Explanation {
  readonly path: Path;
  readonly message: string;
  readonly hints: readonly string[];
}

/** What is most likely wrong, of all that a schema's validator says, for a person. */
export function explain(errors: readonly ErrorObject[]): Explanation {
  const known = errors.filter((error) => !isNoise(error, errors));
  const error = mostSpecific(known.length > 0 ? known : errors);
  const path = pathOf(error);
  if (error.keyword === 'additionalProperties') return unknownKey(error, path);
  return { path, message: messageOf(error, errors), hints: layoutHints(error) };
}

/** Of the forms that a value may have, the others have nothing to say when one of them got further. */
function isNoise(error: ErrorObject, errors: readonly ErrorObject[]): boolean {
  if (error.keyword === 'oneOf' || error.keyword === 'anyOf') {
    return (
      errors.some((each) => each !== error && each.schemaPath.startsWith(`${error.schemaPath}/`)) ||
      errors.some((each) => each !== error && each.instancePath.startsWith(`${error.instancePath}/`))
    );
  }
  return false;
}

/** The deepest one; a wrong type says more than anything else at its place. */
function mostSpecific(errors: readonly ErrorObject[]): ErrorObject {
  const rank = (error: ErrorObject) => {
    const depth = error.instancePath.split('/').length + (error.keyword === 'additionalProperties' ? 0.5 : 0);
    return depth * 10 - (error.keyword === 'type' ? 1 : 0);
  };
  const [first, ...others] = errors;
  if (first === undefined) throw new Error('there is no error to explain');
  return others.reduce((best, error) => (rank(error) > rank(best) ? error : best), first);
}

function pathOf({ instancePath }: ErrorObject): Path {
  return instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

function unknownKey(error: ErrorObject, path: Path): Explanation {
  const key = String(error.params['additionalProperty']);
  const schema: unknown = error.parentSchema;
  const properties =
    typeof schema === 'object' && schema !== null && 'properties' in schema ? Object(schema.properties) : {};
  const similar = nearest(key, Object.keys(properties));
  return {
    path: [...path, key],
    message: `additional property "${key}" is not allowed`,
    hints: similar === undefined ? [] : [`did you mean "${similar}"?`],
  };
}

/** What YAML reads otherwise than it looks, where a mapping is expected. */
function layoutHints({ keyword, params, data }: ErrorObject): readonly string[] {
  if (keyword !== 'type' || ![params['type']].flat().includes('object')) return [];
  if (data === null) return ['indent what belongs to it further'];
  const [, key, value] = /^(\w+):(\S.*)$/.exec(typeof data === 'string' ? data : '') ?? [];
  return key === undefined ? [] : [`write a space behind the colon: "${key}: ${value}"`];
}

const typeNames: Readonly<Record<string, string>> = { object: 'mapping', array: 'list' };

function messageOf(error: ErrorObject, errors: readonly ErrorObject[]): string {
  const at = errors.filter((each) => each.instancePath === error.instancePath);
  const types = new Set(
    at.filter((each) => each.keyword === 'type').flatMap((each) => [each.params['type']].flat().map(String)),
  );
  if (error.keyword === 'type') {
    const names = [...types].map((type) => typeNames[type] ?? type);
    return `must be a ${names.join(', ').replace(/, (?=[^,]*$)/, ' or ')}`;
  }
  if (error.keyword === 'enum') {
    return `must be one of ${[error.params['allowedValues']]
      .flat()
      .map((value) => `"${value}"`)
      .join(', ')}`;
  }
  if (error.keyword === 'required') return `"${error.params['missingProperty']}" is missing`;
  if (error.keyword === 'uniqueItems') {
    return `items ${error.params['j']} and ${error.params['i']} are equal`;
  }
  if (error.keyword === 'format') return `must be a ${error.params['format']}`;
  return error.message ?? 'is not valid';
}
