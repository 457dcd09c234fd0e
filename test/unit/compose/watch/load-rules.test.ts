import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Build } from '../../../../src/compose/model/build.js';
import type { Service } from '../../../../src/compose/model/service.js';
import { loadWatchRules } from '../../../../src/compose/watch/load-rules.js';
import { projectOf } from '../support/projects.js';
import { triggerWith } from './support.js';

const emptyBuild: Build = {
  ...{ entitlements: [], args: {}, ssh: [], labels: {}, cacheFrom: [], cacheTo: [], additionalContexts: {} },
  ...{ extraHosts: {}, secrets: [], tags: [], ulimits: {}, platforms: [], extensions: {} },
  ...{ noCache: false, pull: false, privileged: false },
};

let context: string;
beforeAll(async () => {
  context = await realpath(await mkdtemp(join(tmpdir(), 'watch-')));
  await writeFile(join(context, '.dockerignore'), 'left-out\n');
  await writeFile(join(context, 'dev.Dockerfile.dockerignore'), 'other\n');
});
afterAll(() => rm(context, { recursive: true }));

const load = async (web: Partial<Service>) => {
  const warnings: string[] = [];
  const rules = await loadWatchRules(projectOf({ web }), (message) => warnings.push(message));
  return { rules, warnings };
};
const watching = (...watch: readonly ReturnType<typeof triggerWith>[]) => ({
  develop: { watch, extensions: {} },
});

test.each([
  [undefined, 'left-out', 'other'],
  ['dev.Dockerfile', 'other', 'left-out'],
])('with the Dockerfile %s, %s is left out', async (dockerfile, ignored, kept) => {
  const { rules } = await load({
    ...watching(triggerWith({ path: context })),
    build: { ...emptyBuild, context, dockerfile },
  });
  const paths = [ignored, kept, '.git/index', '.main.js.swp', 'main.js~', 'main.js', 'deep/.#main.js'];
  expect(paths.filter((path) => rules[0]?.matches(join(context, path)))).toEqual([kept, 'main.js']);
});

test('what a bind mount has in the container already is not synchronised', async () => {
  const volumes = [
    { type: 'bind', source: '/app', target: '/srv', readOnly: false, extensions: {} },
  ] as const;
  const { rules, warnings } = await load({
    ...watching(triggerWith(), triggerWith({ action: 'restart' })),
    volumes,
  });
  expect(rules.map(({ trigger }) => trigger.action)).toEqual(['restart']);
  expect(warnings).toEqual([expect.stringContaining("path '/app/src' also declared by a bind mount volume")]);
});

test.each([
  ['WATCH_NOT_CONFIGURED', {}],
  ['WATCH_REBUILD_IMPOSSIBLE', watching(triggerWith({ action: 'rebuild' }))],
  ['WATCH_EXEC_MISSING', watching(triggerWith({ action: 'sync+exec' }))],
])('%s', async (code, web) => {
  await expect(load(web)).rejects.toMatchObject({ code });
});
