import { planDown } from '../../../../src/compose/plan/plan-down.js';
import { planStop } from '../../../../src/compose/plan/plan-stop.js';
import {
  containerOf,
  dependsOn,
  ids,
  isBefore,
  networkOf,
  observed,
  projectOf,
} from '../support/projects.js';

const volume = { type: 'volume', source: 'data', target: '/data', readOnly: false, extensions: {} } as const;
const project = projectOf({
  db: { volumes: [volume] },
  web: { dependsOn: { db: dependsOn() }, image: undefined },
});
const all = [containerOf(project, 'db'), containerOf(project, 'web')];
const request = {
  ...{ project, services: [], volumes: false, images: undefined, removeOrphans: false, home: 'home' },
} as const;

test('containers go against the order of dependencies, networks after them, volumes stay', () => {
  const steps = planDown(request, observed(project, all));

  expect(ids(steps).toSorted()).toEqual([
    ...['remove-network:home/net-default', 'remove:home/app-db-1', 'remove:home/app-web-1'],
    ...['stop:home/app-db-1', 'stop:home/app-web-1'],
  ]);
  expect(isBefore(steps, 'remove:home/app-web-1', 'stop:home/app-db-1')).toBe(true);
  expect(isBefore(steps, 'remove:home/app-db-1', 'remove-network:home/net-default')).toBe(true);
});

test('-v removes the volumes of the file and the anonymous ones', () => {
  const steps = planDown({ ...request, volumes: true }, observed(project, all));
  expect(ids(steps)).toContain('remove-volume:home/app_data');
  expect(steps.every(({ action }) => action.kind !== 'remove' || action.volumes)).toBe(true);
});

test('--rmi local removes only images without a name of their own', () => {
  const images = (which: 'local' | 'all') =>
    ids(planDown({ ...request, images: which }, observed(project, all))).filter((id) =>
      id.startsWith('remove-image'),
    );
  expect(images('local')).toEqual(['remove-image:home/app-web']);
  expect(images('all')).toEqual(['remove-image:home/busybox', 'remove-image:home/app-web']);
});

test('what is external, or of another project, stays', () => {
  const external = { ...project, networks: { default: networkOf('app_default', { external: true }) } };
  expect(ids(planDown({ ...request, project: external }, observed(project, [])))).toEqual([]);
  const other = observed({ ...project, name: 'other' }, []);
  expect(ids(planDown(request, other))).toEqual([]);
});

test('only the services that are named go, and no network', () => {
  expect(ids(planDown({ ...request, services: ['web'] }, observed(project, all)))).toEqual([
    ...['stop:home/app-web-1', 'remove:home/app-web-1'],
  ]);
});

test('orphans and one-off containers go with --remove-orphans', () => {
  const gone = containerOf(projectOf({ gone: {} }), 'gone');
  const oneOff = containerOf(project, 'web', { number: 7, oneOff: true });
  const state = observed(project, [...all, gone, oneOff]);
  expect(ids(planDown(request, state))).not.toContain('remove:home/app-gone-1');
  expect(ids(planDown(request, state))).not.toContain('remove:home/app-web-7');
  const steps = ids(planDown({ ...request, removeOrphans: true }, state));
  expect(steps).toEqual(expect.arrayContaining(['remove:home/app-gone-1', 'remove:home/app-web-7']));
});

test('all machines are cleaned', () => {
  const far = containerOf(project, 'db', { machine: 'far' });
  const steps = planDown(request, observed(project, [...all, far], { machines: ['home', 'far'] }));
  expect(ids(steps)).toEqual(
    expect.arrayContaining(['remove:far/app-db-1', 'remove-network:far/net-default']),
  );
});

test('stopping stops each before those it depends on', () => {
  const steps = planStop(project, ['db', 'web'], all);
  expect(isBefore(steps, 'stop:home/app-web-1', 'stop:home/app-db-1')).toBe(true);
});
