import { matches, newId, required, tagSet, tagsFor } from './form.js';
import { textAt, textsAt, type Xml } from './query.js';
import { Refusal } from './refusal.js';
import type { Form, Region } from './region.js';
import type { TestKeyPair } from './resources.js';

export function importKeyPair(region: Region, form: Form): Xml {
  const name = required(form, 'KeyName');
  const material = Buffer.from(required(form, 'PublicKeyMaterial'), 'base64').toString();
  if (keyPair(region, name)) {
    throw new Refusal('InvalidKeyPair.Duplicate', `The keypair '${name}' already exists.`);
  }
  if (!/^ssh-(ed25519|rsa) /.test(material))
    throw new Refusal('InvalidKey.Format', 'Key is not in valid OpenSSH public key format');
  const id = newId('key');
  region.keyPairs.set(id, { id, name, material, tags: tagsFor(form, 'key-pair') });
  return { keyName: name, keyPairId: id };
}

export function describeKeyPairs(region: Region, form: Form): Xml {
  const names = textsAt(form, 'KeyName');
  for (const name of names) keyPairOrRefuse(region, name);
  const found = [...region.keyPairs.values()]
    .filter(({ name }) => names.length === 0 || names.includes(name))
    .filter(({ tags }) => matches(form, {}, tags));
  return {
    keySet: found.map(({ id, name, tags }) => ({ keyPairId: id, keyName: name, tagSet: tagSet(tags) })),
  };
}

export function deleteKeyPair(region: Region, form: Form): Xml {
  const id = textAt(form, 'KeyPairId') ?? keyPair(region, textAt(form, 'KeyName') ?? '')?.id ?? '';
  region.keyPairs.delete(id);
  return { return: true };
}

export function keyPair(region: Region, name: string): TestKeyPair | undefined {
  return [...region.keyPairs.values()].find((key) => key.name === name);
}

export function keyPairOrRefuse(region: Region, name: string): TestKeyPair {
  const found = keyPair(region, name);
  if (found) return found;
  throw new Refusal('InvalidKeyPair.NotFound', `The key pair '${name}' does not exist`);
}
