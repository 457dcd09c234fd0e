import { randomBytes } from 'node:crypto';
import { listAt, textAt, textsAt, type Xml } from './query.js';
import { Refusal } from './refusal.js';
import type { Form } from './region.js';
import type { Tags } from './resources.js';

/** Filters by values, where "*" stands for anything, and by tags. An unknown filter is refused. */
export function matches(
  form: Form,
  fields: Readonly<Record<string, string | readonly string[]>>,
  tags: Tags = {},
): boolean {
  return listAt(form, 'Filter').every((filter) => {
    const name = textAt(filter, 'Name') ?? '';
    const field = name.startsWith('tag:') ? (tags[name.slice(4)] ?? []) : fields[name];
    if (field === undefined) throw new Refusal('InvalidParameterValue', `The filter '${name}' is invalid`);
    const values = textsAt(filter, 'Value').map(wildcard);
    return [field].flat().some((one) => values.some((value) => value.test(one)));
  });
}

export function wildcard(value: string): RegExp {
  const signs = value
    .replace(/[.+^${}()|[\]]/g, '\\$&')
    .replace(/(?<!\\)\*/g, '.*')
    .replace(/(?<!\\)\?/g, '.');
  return new RegExp(`^${signs}$`);
}

export function tagsFor(form: Form, kind: string): Tags {
  const found = listAt(form, 'TagSpecification').find((one) => textAt(one, 'ResourceType') === kind);
  const tags = listAt(found, 'Tag').map(
    (tag) => [textAt(tag, 'Key') ?? '', textAt(tag, 'Value') ?? ''] as const,
  );
  return Object.fromEntries(tags);
}

export function tagSet(tags: Tags): Xml {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}

export function required(form: Form, name: string): string {
  const value = textAt(form, name);
  if (value !== undefined) return value;
  throw new Refusal('MissingParameter', `The request must contain the parameter ${name}`);
}

export function newId(kind: string): string {
  return `${kind}-0${randomBytes(8).toString('hex')}`;
}
