import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { errorMessage } from '../../shared/errors.js';
import { isJsonObject, type JsonObject } from '../../shared/json.js';
import type { ImagePolicy, Requirement, Requirements, SignedIdentity } from './image-policy.js';

/**
 * Reads a policy of containers-policy.json(5), with the keys it names. Strictly: what is not understood could be what
 * somebody relies on. Throws RangeError with the reason.
 */
export async function decodePolicy(text: string): Promise<ImagePolicy> {
  const value = objectOf(JSON.parse(text), 'the policy', ['default', 'transports']);
  const transports = objectOf(value['transports'] ?? {}, '"transports"');
  const rules = Object.entries(transports).map(async ([transport, scopes]) => {
    const entries = Object.entries(objectOf(scopes, `"transports.${transport}"`)).map(
      async ([scope, requirements]) => [scope, await decodeRequirements(requirements, `"${scope}"`)] as const,
    );
    return [transport, new Map(await Promise.all(entries))] as const;
  });
  return {
    default: await decodeRequirements(value['default'], '"default"'),
    transports: new Map(await Promise.all(rules)),
  };
}

async function decodeRequirements(value: unknown, where: string): Promise<Requirements> {
  if (!Array.isArray(value) || value.length === 0) {
    throw new RangeError(`${where} needs a list of requirements`);
  }
  return await Promise.all(value.map((each) => decodeRequirement(each, where)));
}

async function decodeRequirement(value: unknown, where: string): Promise<Requirement> {
  const { type } = objectOf(value, where);
  switch (type) {
    case 'insecureAcceptAnything':
    case 'reject':
      objectOf(value, where, ['type']);
      return { type };
    case 'sigstoreSigned': {
      const fields = objectOf(value, where, ['type', ...keyFields, 'signedIdentity']);
      return {
        type,
        keys: await keysOf(fields, where),
        identity: identityOf(fields['signedIdentity'], where),
      };
    }
    default:
      throw new RangeError(`${where} has the type ${JSON.stringify(type)}, which is not supported`);
  }
}

const keyFields = ['keyPath', 'keyPaths', 'keyData', 'keyDatas'];

async function keysOf(fields: JsonObject, where: string): Promise<readonly KeyObject[]> {
  const { keyPath, keyPaths, keyData, keyDatas } = fields;
  const paths = [...textsOf(keyPath, where), ...textsOf(keyPaths, where)];
  const datas = [...textsOf(keyData, where), ...textsOf(keyDatas, where)];
  const texts = [
    ...(await Promise.all(paths.map((path) => readFile(path, 'utf8')))),
    ...datas.map((data) => Buffer.from(data, 'base64').toString()),
  ];
  if (texts.length === 0) throw new RangeError(`${where} needs keyPath, keyPaths, keyData or keyDatas`);
  return texts.map((text) => publicKeyOf(text, where));
}

/** ECDSA, Ed25519 and RSA, as cosign makes them. */
function publicKeyOf(text: string, where: string): KeyObject {
  if (!text.includes('PUBLIC KEY')) throw new RangeError(`${where} has a key that is no public key in PEM`);
  try {
    return createPublicKey(text);
  } catch (error) {
    throw new RangeError(`${where} has a key that cannot be read: ${errorMessage(error)}`);
  }
}

/** By default the repository: cosign signs for repositories, whatever tags they have. */
function identityOf(value: unknown, where: string): SignedIdentity {
  if (value === undefined) return { type: 'matchRepository' };
  const { type } = objectOf(value, where);
  switch (type) {
    case 'matchRepository':
    case 'matchExact':
    case 'matchRepoDigestOrExact':
      return { type };
    case 'exactRepository':
      return { type, name: textOf(objectOf(value, where)['dockerRepository'], where) };
    case 'exactReference':
      return { type, name: textOf(objectOf(value, where)['dockerReference'], where) };
    case 'remapIdentity': {
      const { prefix, signedPrefix } = objectOf(value, where);
      return { type, prefix: textOf(prefix, where), signedPrefix: textOf(signedPrefix, where) };
    }
    default:
      throw new RangeError(`${where} has the signedIdentity ${JSON.stringify(type)}, which is not supported`);
  }
}

function objectOf(value: unknown, where: string, known?: readonly string[]): JsonObject {
  if (!isJsonObject(value)) throw new RangeError(`${where} is not an object`);
  const unknown = known && Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new RangeError(`${where} has "${unknown}", which is not supported`);
  return value;
}

function textsOf(value: unknown, where: string): readonly string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value.map((each) => textOf(each, where)) : [textOf(value, where)];
}

function textOf(value: unknown, where: string): string {
  if (typeof value !== 'string' || value === '') throw new RangeError(`${where} has a text that is none`);
  return value;
}
