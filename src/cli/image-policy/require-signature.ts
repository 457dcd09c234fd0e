import { createPublicKey } from 'node:crypto';
import { isJsonObject, type JsonObject } from '../../shared/json.js';
import { keyUnreadable } from './errors.js';

export interface SignatureRule {
  /** "registry/namespace", "registry/repository", "*.example.com"; empty: every registry. */
  readonly scope: string;
  /** Public keys in PEM, any of which will do. */
  readonly keys: readonly { readonly path: string; readonly text: string }[];
}

/**
 * A policy of containers-policy.json(5) with one more rule, in place of one for the same scope; `text` is the present
 * one. What it says nothing of is let in as before. The keys are in the policy, not named by it. Throws KEY_UNREADABLE.
 */
export function withSignatureRule(text: string | undefined, { scope, keys }: SignatureRule): string {
  const policy = text === undefined ? {} : objectOf(JSON.parse(text));
  const transports = objectOf(policy['transports']);
  const rule = {
    type: 'sigstoreSigned',
    keyDatas: keys.map(keyData),
    signedIdentity: { type: 'matchRepository' },
  };
  const changed = {
    default: policy['default'] ?? [{ type: 'insecureAcceptAnything' }],
    transports: { ...transports, docker: { ...objectOf(transports['docker']), [scope]: [rule] } },
  };
  return `${JSON.stringify(changed, null, 2)}\n`;
}

function keyData({ path, text }: SignatureRule['keys'][number]): string {
  try {
    const pem = createPublicKey(text).export({ type: 'spki', format: 'pem' });
    return Buffer.from(pem).toString('base64');
  } catch (cause) {
    throw keyUnreadable(path, cause);
  }
}

function objectOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}
