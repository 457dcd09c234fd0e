import { planStart } from '../../../../src/compose/plan/plan-start.js';
import { containerOf, dependsOn, ids, isBefore, projectOf } from '../support/projects.js';

const created = { state: 'created' };

test('each is started behind those it depends on, and what runs is left alone', () => {
  const project = projectOf({ web: { dependsOn: { db: dependsOn() } }, db: {}, cache: {} });
  const containers = [
    ...[
      containerOf(project, 'web', created),
      containerOf(project, 'db', created),
      containerOf(project, 'cache'),
    ],
  ];
  const steps = planStart({ project, services: ['web', 'db', 'cache'], wait: false }, containers);

  expect(ids(steps)).toEqual(['start:home/app-db-1', 'start:home/app-web-1']);
  expect(isBefore(steps, 'start:home/app-db-1', 'start:home/app-web-1')).toBe(true);
});

test('conditions are waited for, once for all who have the same', () => {
  const healthy = { db: dependsOn('service_healthy') };
  const project = projectOf({ db: {}, a: { dependsOn: healthy }, b: { dependsOn: healthy } });
  const containers = ['db', 'a', 'b'].map((name) => containerOf(project, name, created));
  const steps = planStart({ project, services: ['a', 'b', 'db'], wait: false }, containers);

  expect(ids(steps).filter((id) => id.startsWith('await:'))).toEqual(['await:db/service_healthy']);
  for (const name of ['a', 'b']) {
    expect(isBefore(steps, 'start:home/app-db-1', `start:home/app-${name}-1`)).toBe(true);
    expect(isBefore(steps, 'await:db/service_healthy', `start:home/app-${name}-1`)).toBe(true);
  }
});

test('what is not required is waited for as such', () => {
  const project = projectOf({
    db: {},
    web: { dependsOn: { db: dependsOn('service_healthy', { required: false }) } },
  });
  const containers = ['db', 'web'].map((name) => containerOf(project, name, created));
  const steps = planStart({ project, services: ['db', 'web'], wait: false }, containers);
  expect(steps.map(({ action }) => action)).toContainEqual({
    ...{ kind: 'await', service: 'db', condition: 'service_healthy', required: false },
  });
});

test('--wait waits for all at the end, for what runs already too', () => {
  const project = projectOf({ db: {}, web: {} });
  const containers = [containerOf(project, 'db'), containerOf(project, 'web', created)];
  const steps = planStart({ project, services: ['db', 'web'], wait: true }, containers);
  expect(ids(steps)).toEqual([
    ...['start:home/app-web-1', 'await:db/running_or_healthy', 'await:web/running_or_healthy'],
  ]);
});

test('a service of no containers is neither started nor waited for', () => {
  const project = projectOf({ db: { scale: 0 }, web: { dependsOn: { db: dependsOn('service_healthy') } } });
  const steps = planStart({ project, services: ['db', 'web'], wait: true }, [
    containerOf(project, 'web', created),
  ]);
  expect(ids(steps)).toEqual(['start:home/app-web-1', 'await:web/running_or_healthy']);
});

test('a service whose containers are missing cannot be started', () => {
  const project = projectOf({ web: {} });
  expect(() => planStart({ project, services: ['web'], wait: false }, [])).toThrow(
    'service "web" has no container to start',
  );
});
