import { type Filters, matchesLabels } from '../../../api/filters.js';
import type { Image } from '../../image/image-store.js';
import { invalidFilter } from '../errors.js';
import { parseUntil } from '../until.js';
import { matchesReference } from './inspect-image.js';

/** `filters` of the image list. Throws FILTER_INVALID, IMAGE_NOT_FOUND for before and since. */
export async function imageFilter(
  filters: Filters,
  resolve: (name: string) => Promise<Image>,
): Promise<(image: Image) => boolean> {
  const tests: ((image: Image) => boolean)[] = [];
  for (const [name, values] of filters) tests.push(await testOf(name, values, resolve));
  return (image) => tests.every((test) => test(image));
}

/** Those without a name that another image was made of: no list shows them, unless it is to show all. */
export function intermediates(images: readonly Image[]): ReadonlySet<Image> {
  const parents = new Set(images.flatMap(({ parent }) => parent ?? []));
  return new Set(
    images.filter(
      ({ id, repoTags, repoDigests }) => parents.has(id) && repoTags.length + repoDigests.length === 0,
    ),
  );
}

async function testOf(
  name: string,
  values: ReadonlySet<string>,
  resolve: (name: string) => Promise<Image>,
): Promise<(image: Image) => boolean> {
  switch (name) {
    case 'reference':
      return ({ repoTags }) => repoTags.some((tag) => matchesReference(tag, values));
    case 'dangling': {
      const wanted = flag(values);
      return ({ repoTags }) => (repoTags.length === 0) === wanted;
    }
    case 'label':
      return ({ config }) => matchesLabels(values, config.config?.Labels ?? {});
    case 'label!':
      return ({ config }) =>
        ![...values].some((value) => matchesLabels(new Set([value]), config.config?.Labels ?? {}));
    case 'before':
    case 'since': {
      const limits = await Promise.all([...values].map(async (value) => createdAt(await resolve(value))));
      return (image) =>
        limits.every((limit) => (name === 'before' ? createdAt(image) < limit : createdAt(image) > limit));
    }
    case 'until': {
      const limits = [...values].map((value) => Number((parseUntil(value) ?? 0n) / 1_000_000n));
      return (image) => limits.every((limit) => createdAt(image) <= limit);
    }
    default:
      throw invalidFilter(name);
  }
}

function flag(values: ReadonlySet<string>): boolean {
  if (values.has('true') || values.has('1')) return true;
  if (values.has('false') || values.has('0')) return false;
  throw invalidFilter('dangling', values);
}

function createdAt({ config }: Image): number {
  return Date.parse(config.created ?? '0001-01-01T00:00:00Z');
}
