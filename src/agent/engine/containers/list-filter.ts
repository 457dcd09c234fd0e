import type { ContainerPort } from '../../../api/container.js';
import { type Filters, matchesLabels } from '../../../api/filters.js';
import { invalidFilter, invalidOption } from '../errors.js';
import { networksOfRecord } from './attachments.js';
import type { Container } from './container.js';
import type { ContainerStore } from './container-store.js';

export interface FilterFacts {
  readonly store: ContainerStore;
  /** Names and IDs of images → the ID, for `ancestor`. */
  readonly imageIds: ReadonlyMap<string, string>;
  /** IDs of images → that of the image that each was built upon. */
  readonly parents: ReadonlyMap<string, string | undefined>;
  readonly networks: readonly { readonly id: string; readonly name: string }[];
  /** What a container that runs exposes and publishes. */
  readonly ports: (container: Container) => readonly ContainerPort[];
}

export type ContainerFilter = (container: Container) => boolean;

/** `filters` of the list. Throws FILTER_INVALID for an unknown name or value, CONTAINER_NOT_FOUND for before/since. */
export function containerFilter(filters: Filters, facts: FilterFacts): ContainerFilter {
  const tests = [...filters].map(([name, values]) => {
    const make = makers[name];
    if (!make) throw invalidFilter(name);
    return make(values, facts);
  });
  return (container) => tests.every((test) => test(container));
}

type Maker = (values: ReadonlySet<string>, facts: FilterFacts) => ContainerFilter;

const statuses = new Set(['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']);
const healths = new Set(['starting', 'healthy', 'unhealthy', 'none']);

const makers: Readonly<Record<string, Maker>> = {
  id: (values) => (each) => some(values, (value) => each.id.startsWith(value) || matches(value, each.id)),
  // dockerd matches the name with and without its slash.
  name: (values) => (each) =>
    some(values, (value) => matches(value, `/${each.record.name}`) || matches(value, each.record.name)),
  label: (values) => (each) => matchesLabels(values, each.record.config.Labels ?? {}),
  status: (values) => {
    for (const value of values)
      if (!statuses.has(value)) throw invalidOption(`invalid filter 'status=${value}'`);
    return (each) => values.has(each.record.state.status);
  },
  exited: (values) => {
    for (const value of values) if (!/^-?\d+$/.test(value)) throw invalidFilter('exited', values);
    return ({ record: { state } }) =>
      state.status !== 'created' && state.pid === 0 && values.has(String(state.exitCode));
  },
  ancestor: (values, { imageIds, parents }) => {
    const ids = new Set([...values].map((value) => imageIds.get(value) ?? value));
    return ({ record }) =>
      values.has(record.config.Image ?? '') || lineage(record.imageId, parents).some((id) => ids.has(id));
  },
  before: (values, { store }) => {
    const limits = [...values].map((value) => store.resolve(value).record.created);
    return ({ record }) => limits.every((limit) => compareTimes(record.created, limit) < 0);
  },
  since: (values, { store }) => {
    const limits = [...values].map((value) => store.resolve(value).record.created);
    return ({ record }) => limits.every((limit) => compareTimes(record.created, limit) > 0);
  },
  volume: (values) => (each) =>
    each.record.mounts.some(
      ({ Name, Source, Destination }) =>
        values.has(Destination) || values.has(Name ?? '') || (Name === undefined && values.has(Source)),
    ),
  network: (values, { networks }) => {
    const meant = networks.filter(({ id }) => some(values, (value) => id.startsWith(value)));
    const names = new Set([...values, ...meant.map(({ name }) => name)]);
    return ({ record }) => Object.keys(networksOfRecord(record)).some((name) => names.has(name));
  },
  health: (values) => {
    for (const value of values) {
      if (!healths.has(value)) throw invalidOption(`unrecognized filter value for health: ${value}`);
    }
    return ({ record }) => values.has(record.state.health?.status ?? 'none');
  },
  'is-task': (values) => () => !some(values, (value) => value === 'true' || value === '1'),
  publish: (values, { ports }) => {
    const matches = portTest(values);
    return (each) =>
      ports(each).some(({ PublicPort, Type }) => PublicPort !== undefined && matches(PublicPort, Type));
  },
  expose: (values, { ports }) => {
    const matches = portTest(values);
    return (each) => ports(each).some(({ PrivatePort, Type }) => matches(PrivatePort, Type));
  },
};

function some(values: ReadonlySet<string>, test: (value: string) => boolean): boolean {
  return [...values].some(test);
}

/** A value that is no regular expression is compared as it stands. */
function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return text.includes(pattern);
  }
}

/** "80", "80/udp", "8000-8080/tcp". Throws OPTION_INVALID. */
function portTest(values: ReadonlySet<string>): (port: number, protocol: string) => boolean {
  const wanted = [...values].map((value) => {
    const [, first, last = first, protocol = 'tcp'] = /^(\d+)(?:-(\d+))?(?:\/(\w+))?$/.exec(value) ?? [];
    if (first === undefined) throw invalidOption(`invalid port: ${value}`);
    return { first: Number(first), last: Number(last), protocol };
  });
  return (port, type) =>
    wanted.some(({ first, last, protocol }) => protocol === type && port >= first && port <= last);
}

/** An image and those it was built upon. */
function lineage(id: string, parents: FilterFacts['parents']): readonly string[] {
  const ids: string[] = [];
  for (
    let next: string | undefined = id;
    next !== undefined && !ids.includes(next);
    next = parents.get(next)
  ) {
    ids.push(next);
  }
  return ids;
}

/** RFC 3339 in UTC, with fractions of different length. */
export function compareTimes(left: string, right: string): number {
  const [a, b] = [left.replace('Z', ''), right.replace('Z', '')];
  return a < b ? -1 : a > b ? 1 : 0;
}
