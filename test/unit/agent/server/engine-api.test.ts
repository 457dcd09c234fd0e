import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { validateHostConfig } from '../../../../src/agent/engine/containers/host-config.js';
import { refuseUnsupported } from '../../../../src/agent/engine/containers/unsupported.js';
import type { ApiRequest, Route } from '../../../../src/agent/server/route.js';
import { type Backends, routeTable } from '../../../../src/agent/server/route-table.js';
import { configFields, hostConfigFields } from '../../../../src/api/container-config.js';
import { isTsmachineError } from '../../../../src/shared/errors.js';

// docs/engine-api.json says what is supported; here it is held against the code.
interface Entry {
  readonly support: 'yes' | 'partly' | 'no';
  readonly note?: string;
}
interface Endpoint extends Entry {
  readonly method: string;
  readonly path: string;
}
interface Field extends Entry {
  readonly name: string;
  /** A value that is refused. */
  readonly example?: unknown;
}

const page: {
  readonly endpoints: readonly Endpoint[];
  readonly HostConfig: readonly Field[];
  readonly ContainerConfig: readonly Field[];
} = JSON.parse(readFileSync('docs/engine-api.json', 'utf8'));

/** Every backend's method resolves to nothing: only what a route itself refuses is seen. */
const backends = new Proxy(
  {},
  { get: () => new Proxy({}, { get: () => async () => undefined }) },
) as Backends;
const routes = routeTable(backends);
const shape = (method: string, path: string) => `${method} ${path.replace(/\{[^}]+\}/g, '{}')}`;
const byShape = new Map(routes.map((route) => [shape(route.method, route.path), route]));

async function isRefused({ handle }: Route): Promise<boolean> {
  try {
    await handle({ params: {}, query: {}, headers: {} } as unknown as ApiRequest);
    return false;
  } catch (error) {
    return isTsmachineError(error) && ['NOT_SUPPORTED', 'SWARM_INACTIVE'].includes(error.code);
  }
}

test.each(page.endpoints)('$method $path is $support', async ({ method, path, support }) => {
  const route = byShape.get(shape(method, path));

  expect(route).toBeDefined();
  if (route) expect(await isRefused(route)).toBe(support === 'no');
});

test('every route is in the table, beside those of our own', () => {
  const known = new Set(page.endpoints.map(({ method, path }) => shape(method, path)));
  const others = [...byShape.keys()].filter((each) => !known.has(each) && !each.includes(' /tsmachine/'));

  expect(others).toEqual([]);
});

test('every field that is read is in the table, and no other', () => {
  const names = (fields: readonly Field[]) => fields.map(({ name }) => name).sort();

  expect(names(page.HostConfig)).toEqual(Object.keys(hostConfigFields).sort());
  expect(names(page.ContainerConfig)).toEqual(Object.keys(configFields).sort());
});

const refused = (fields: readonly Field[]) => fields.filter(({ support }) => support === 'no');

test.each(refused(page.HostConfig))('HostConfig.$name is refused', ({ name, example }) => {
  const HostConfig = { [name]: example };

  expect(() => {
    refuseUnsupported({ HostConfig });
    validateHostConfig(HostConfig);
  }).toThrow();
});

test('no field of the configuration is refused', () => {
  expect(refused(page.ContainerConfig)).toEqual([]);
});

test('docs/engine-api.md is what npm run docs writes', () => {
  const script =
    "import('./scripts/engine-api.mjs').then(({engineApiPage}) => process.stdout.write(engineApiPage()))";
  const written = execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' });

  expect(readFileSync('docs/engine-api.md', 'utf8')).toBe(written);
});
