import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { errorMessage } from '../../../../shared/errors.js';
import { csvFields } from '../../csv.js';
import { flagInvalid } from '../../errors.js';

/** Where a secret of the build comes from: a file or a variable of this computer. */
export interface SecretSource {
  readonly id: string;
  readonly file?: string | undefined;
  readonly variable?: string | undefined;
}

/** As BuildKit's own. */
const largestSecret = 500 * 1024;

/** "id=NAME,src=FILE" or "id=NAME,env=VARIABLE"; with the ID alone a variable or a file of that name. */
export function parseSecretFlag(flag: string, environment: NodeJS.ProcessEnv): SecretSource {
  const fields = new Map(csvFields(flag).map((field) => fieldOf(flag, field)));
  const kind = fields.get('type');
  if (kind !== undefined && kind !== 'file' && kind !== 'env')
    throw flagInvalid('--secret', flag, `unsupported secret type "${kind}"`);
  const given = fields.get('src') ?? fields.get('source');
  const variable = fields.get('env') ?? (kind === 'env' ? (given ?? fields.get('id')) : undefined);
  const id = fields.get('id') || given || variable;
  if (!id) throw flagInvalid('--secret', flag, 'the id is missing');
  if (variable !== undefined) return { id, variable };
  if (given === undefined && kind !== 'file' && environment[id] !== undefined) return { id, variable: id };
  return { id, file: given ?? id };
}

/** Files that cannot be read are told at once; they are read when a step needs them. Throws FLAG_INVALID. */
export async function openSecrets(
  sources: readonly SecretSource[],
  environment: NodeJS.ProcessEnv,
): Promise<ReadonlyMap<string, () => Promise<Uint8Array>>> {
  const secrets = new Map<string, () => Promise<Uint8Array>>();
  for (const { id, file, variable } of sources) {
    if (variable !== undefined) {
      const value = Buffer.from(environment[variable] ?? '');
      secrets.set(id, async () => value);
      continue;
    }
    const path = resolve(file ?? id);
    const { size } = await stat(path).catch((error: unknown) => {
      throw flagInvalid('--secret', id, errorMessage(error));
    });
    if (size > largestSecret) throw flagInvalid('--secret', id, `"${path}" is too big: 500 kB are the most`);
    secrets.set(id, () => readFile(path));
  }
  return secrets;
}

function fieldOf(flag: string, field: string): [string, string] {
  const [name = '', value] = field.split(/=(.*)/s);
  const key = name.trim().toLowerCase();
  if (value === undefined) throw flagInvalid('--secret', flag, `"${field}" is no NAME=VALUE`);
  if (!['type', 'id', 'src', 'source', 'env'].includes(key))
    throw flagInvalid('--secret', flag, `there is no key "${key}"`);
  return [key, value];
}
