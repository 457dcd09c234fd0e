import { planBatch } from '../../../../src/compose/watch/plan-batch.js';
import { topmost } from '../../../../src/compose/watch/sync-files.js';
import { ruleWith } from './support.js';

const hook = { command: ['reload'], environment: {}, privileged: false, extensions: {} };

test('each thing is asked for once, whatever changes at the same time', () => {
  const rules = [
    ruleWith({ action: 'rebuild', path: '/app/package.json' }),
    ruleWith({ action: 'restart', path: '/app/conf' }, { service: 'db' }),
    ruleWith({ action: 'sync+restart', path: '/app/src' }),
    ruleWith({ action: 'sync+exec', path: '/app/src', exec: hook }, { service: 'proxy' }),
  ];
  const work = planBatch(rules, [
    '/app/src/b',
    '/app/src/a',
    '/app/package.json',
    '/app/conf/x',
    '/app/conf/y',
  ]);
  const files = [
    { source: '/app/src/a', target: '/srv/a' },
    { source: '/app/src/b', target: '/srv/b' },
  ];
  expect(work).toEqual({
    rebuild: ['web'],
    sync: new Map([
      ['web', files],
      ['proxy', files],
    ]),
    restart: ['db', 'web'],
    exec: [{ service: 'proxy', hook }],
  });
});

test('nothing is asked for by what no rule concerns', () => {
  expect(planBatch([ruleWith()], ['/app/README'])).toEqual({
    rebuild: [],
    sync: new Map(),
    restart: [],
    exec: [],
  });
});

test('of two sources of one target the later rule wins', () => {
  const rules = [ruleWith({ path: '/app/a' }), ruleWith({ path: '/app/b' })];
  expect(planBatch(rules, ['/app/b/x', '/app/a/x']).sync.get('web')).toEqual([
    { source: '/app/b/x', target: '/srv/x' },
  ]);
});

test('what goes with a directory is not removed on its own', () => {
  expect(topmost(['/srv/a/b', '/srv/a', '/srv/ab', '/srv/a/b/c'])).toEqual(['/srv/a', '/srv/ab']);
});
