import { planCreation } from '../../../../src/compose/plan/plan-creation.js';
import {
  containerOf,
  creation,
  dependsOn,
  ids,
  isBefore,
  networkOf,
  noEndpoint,
  observed,
  projectOf,
  volumeOf,
} from '../support/projects.js';

const volume = { type: 'volume', source: 'data', target: '/data', readOnly: false, extensions: {} } as const;
const anonymous = { type: 'volume', target: '/cache', readOnly: false, extensions: {} } as const;

test('everything is made where there is nothing, what is needed before what needs it', () => {
  const project = projectOf({
    db: { volumes: [volume] },
    web: { dependsOn: { db: dependsOn() }, networks: { default: noEndpoint, back: noEndpoint } },
  });
  const { steps } = planCreation(creation(project), observed(project, [], { empty: true }));

  expect(ids(steps).toSorted()).toEqual([
    ...['create:home/app-db-1', 'create:home/app-web-1'],
    ...['network:home/app_back', 'network:home/app_default', 'volume:home/app_data'],
  ]);
  expect(isBefore(steps, 'volume:home/app_data', 'create:home/app-db-1')).toBe(true);
  expect(isBefore(steps, 'network:home/app_back', 'create:home/app-db-1')).toBe(false);
  expect(isBefore(steps, 'network:home/app_back', 'create:home/app-web-1')).toBe(true);
  expect(isBefore(steps, 'create:home/app-db-1', 'create:home/app-web-1')).toBe(true);
});

test('nothing is done where everything is as it should be', () => {
  const project = projectOf({ db: {}, web: { dependsOn: { db: dependsOn() } } });
  const containers = [containerOf(project, 'db'), containerOf(project, 'web')];
  const plan = planCreation(creation(project), observed(project, containers));

  expect(plan.steps).toEqual([]);
  expect(plan.kept.map(({ name }) => name)).toEqual(['app-db-1', 'app-web-1']);
});

describe('a container is made anew', () => {
  const project = projectOf({ db: {}, web: {} });
  const recreated = (containers: Parameters<typeof observed>[1], rest = {}) =>
    planCreation(creation(project, rest), observed(project, containers)).steps.flatMap(({ action }) =>
      action.kind === 'create' && action.replaces ? [action.name] : [],
    );

  test('when its service has changed, and only then', () => {
    const before = projectOf({ db: {}, web: { command: ['old'] } });
    expect(recreated([containerOf(project, 'db'), containerOf(before, 'web')])).toEqual(['app-web-1']);
  });

  test('when its image is another one now', () => {
    expect(
      recreated([containerOf(project, 'db', { image: 'sha256:0' }), containerOf(project, 'web')]),
    ).toEqual(['app-db-1']);
  });

  test('when it is not in a network that it should be in', () => {
    const outside = { ...containerOf(project, 'web'), networkIds: ['another'] };
    expect(recreated([containerOf(project, 'db'), outside])).toEqual(['app-web-1']);
  });

  test('but not for its networks when it is stopped', () => {
    const outside = { ...containerOf(project, 'web', { state: 'exited' }), networkIds: [] };
    expect(recreated([containerOf(project, 'db'), outside])).toEqual([]);
  });

  test('always with --force-recreate, and never with --no-recreate', () => {
    const changed = containerOf(projectOf({ db: {}, web: { command: ['old'] } }), 'web');
    const containers = [containerOf(project, 'db'), changed];
    expect(recreated(containers, { policyOf: () => 'force' })).toEqual(['app-db-1', 'app-web-1']);
    expect(recreated(containers, { policyOf: () => 'never' })).toEqual([]);
  });

  test('when a volume that it should have is not mounted', () => {
    const withVolume = projectOf({ db: { volumes: [volume] } });
    const mounts = [{ Type: 'volume', Name: 'app_data', Destination: '/data' }];
    const plan = (options: object) =>
      ids(
        planCreation(creation(withVolume), observed(withVolume, [containerOf(withVolume, 'db', options)]))
          .steps,
      );
    expect(plan({ mounts })).toEqual([]);
    expect(plan({})).toEqual(['create:home/app-db-1']);
  });
});

describe('scale', () => {
  const numbers = (scale: number, existing: readonly number[]) => {
    const project = projectOf({ web: { scale } });
    const containers = existing.map((number) => containerOf(project, 'web', { number }));
    return ids(planCreation(creation(project), observed(project, containers)).steps);
  };

  test('further containers get the numbers behind the highest one', () => {
    expect(numbers(3, [])).toEqual([
      'create:home/app-web-1',
      'create:home/app-web-2',
      'create:home/app-web-3',
    ]);
    expect(numbers(3, [2])).toEqual(['create:home/app-web-3', 'create:home/app-web-4']);
  });

  test('the highest numbers are removed', () => {
    expect(numbers(1, [1, 2, 3])).toEqual([
      ...['stop:home/app-web-2', 'remove:home/app-web-2', 'stop:home/app-web-3', 'remove:home/app-web-3'],
    ]);
    expect(numbers(0, [1])).toEqual(['stop:home/app-web-1', 'remove:home/app-web-1']);
  });

  test('what has changed is removed before what has not', () => {
    const project = projectOf({ web: { scale: 1 } });
    const old = containerOf(projectOf({ web: { command: ['old'] } }), 'web', { number: 1 });
    const plan = planCreation(
      creation(project),
      observed(project, [old, containerOf(project, 'web', { number: 2 })]),
    );
    expect(ids(plan.steps)).toEqual(['stop:home/app-web-1', 'remove:home/app-web-1']);
  });

  test('a service with a container name has one container', () => {
    const project = projectOf({ web: { scale: 2, containerName: 'www' } });
    expect(() => planCreation(creation(project), observed(project, []))).toThrow(
      expect.objectContaining({ code: 'CONTAINER_NAME_NOT_SCALABLE' }),
    );
  });
});

describe('anonymous volumes', () => {
  const project = projectOf({ web: { volumes: [anonymous, volume], command: ['new'] } });
  const old = containerOf(projectOf({ web: { volumes: [anonymous, volume] } }), 'web', {
    mounts: [
      { Type: 'volume', Name: 'a1b2', Destination: '/cache' },
      { Type: 'volume', Name: 'c3d4', Destination: '/of-image' },
      { Type: 'volume', Name: 'e5f6', Destination: '/elsewhere' },
      { Type: 'volume', Name: 'app_data', Destination: '/data' },
    ],
  });
  const inherited = (rest: object) => {
    const images = new Map([['web', { id: 'sha256:1', volumes: ['/of-image'] }]]);
    const { steps } = planCreation(creation(project, { images, ...rest }), observed(project, [old]));
    return steps.flatMap(({ action }) =>
      action.kind === 'create' ? action.inherited.map(({ name }) => name) : [],
    );
  };

  test('are handed on, those of the image too, and no others', () => {
    expect(inherited({})).toEqual(['a1b2', 'c3d4']);
  });

  test('are new with --renew-anon-volumes', () => {
    expect(inherited({ renewVolumes: true })).toEqual([]);
  });
});

describe('services that share something with another one', () => {
  const services = { db: {}, web: { networkMode: 'service:db', dependsOn: { db: dependsOn() } } };
  const project = projectOf(services);
  const db = containerOf(project, 'db');
  const resolved = { ...project.services['web'], networkMode: `container:${db.id}` };
  const web = containerOf(project, 'web', { service: resolved as never });

  test('stay as long as that container does', () => {
    expect(planCreation(creation(project), observed(project, [db, web])).steps).toEqual([]);
  });

  test('are made anew when it is', () => {
    const changed = containerOf(projectOf({ ...services, db: { command: ['old'] } }), 'db');
    const { steps } = planCreation(creation(project), observed(project, [changed, web]));
    expect(ids(steps)).toEqual(['create:home/app-db-1', 'create:home/app-web-1']);
    expect(isBefore(steps, 'create:home/app-db-1', 'create:home/app-web-1')).toBe(true);
  });
});

test('services that asked for it are stopped before what they depend on is made anew', () => {
  const services = { db: {}, web: { dependsOn: { db: dependsOn('service_started', { restart: true }) } } };
  const project = projectOf(services);
  const old = containerOf(projectOf({ ...services, db: { command: ['old'] } }), 'db');
  const plan = planCreation(creation(project), observed(project, [old, containerOf(project, 'web')]));

  expect(ids(plan.steps)).toEqual(['stop:home/app-web-1', 'create:home/app-db-1']);
  expect(isBefore(plan.steps, 'stop:home/app-web-1', 'create:home/app-db-1')).toBe(true);
  expect(plan.stopped).toEqual(['web']);
});

describe('orphans', () => {
  const project = projectOf({ web: {} });
  const stranger = containerOf(projectOf({ gone: {} }), 'gone');
  const containers = [containerOf(project, 'web'), stranger];

  test('are told of and left alone', () => {
    const plan = planCreation(creation(project), observed(project, containers));
    expect(plan.orphans.map(({ name }) => name)).toEqual(['app-gone-1']);
    expect(plan.steps).toEqual([]);
  });

  test('are removed with --remove-orphans', () => {
    const plan = planCreation(creation(project, { removeOrphans: true }), observed(project, containers));
    expect(ids(plan.steps)).toEqual(['stop:home/app-gone-1', 'remove:home/app-gone-1']);
  });

  test('containers of disabled services are none, and one-off containers only when they have ended', () => {
    const disabled = { ...project, disabledServices: projectOf({ gone: {} }).services };
    const running = containerOf(project, 'web', { number: 2, oneOff: true });
    const ended = containerOf(project, 'web', { number: 3, oneOff: true, state: 'exited' });
    const plan = planCreation(creation(disabled), observed(project, [...containers, running, ended]));
    expect(plan.orphans.map(({ name }) => name)).toEqual(['app-web-3']);
  });
});

describe('networks and volumes', () => {
  test('that are external have to be there', () => {
    const project = {
      ...projectOf({ web: { volumes: [volume] } }),
      networks: { default: networkOf('shared', { external: true }) },
    };
    const nothing = observed(project, [], { empty: true });
    expect(() => planCreation(creation(project), nothing)).toThrow(
      'network shared declared as external, but could not be found',
    );
    const external = {
      ...projectOf({ web: { volumes: [volume] } }),
      volumes: { data: volumeOf('d', { external: true }) },
    };
    expect(() => planCreation(creation(external), nothing)).toThrow('external volume "d" not found');
  });

  test('of another project are used with a warning, a network for something else is not', () => {
    const project = projectOf({ web: { volumes: [volume] } });
    const state = observed({ ...project, name: 'other' }, []);
    const { warnings } = planCreation(creation(project), state);
    expect(warnings).toEqual([
      expect.stringContaining('a network with name app_default exists but was not created for project "app"'),
      expect.stringContaining('volume "app_data" already exists but was created for project "other"'),
    ]);
    const renamed = { ...project, networks: { default: networkOf('app_back') } };
    const taken = observed({ ...project, networks: { back: networkOf('app_back') } }, []);
    expect(() => planCreation(creation(renamed), taken)).toThrow(
      'network app_back was found but has incorrect label com.docker.compose.network set to "back"',
    );
  });
});

describe('several machines', () => {
  const extensions = { 'x-machine': 'far' };
  const project = projectOf({ web: {}, db: { extensions, volumes: [volume] } });
  const machines = ['home', 'far'];

  test('each gets the networks and volumes that its services need', () => {
    const { steps } = planCreation(creation(project), observed(project, [], { empty: true, machines }));
    expect(ids(steps).toSorted()).toEqual([
      ...['create:far/app-db-1', 'create:home/app-web-1'],
      ...['network:far/app_default', 'network:home/app_default', 'volume:far/app_data'],
    ]);
    expect(isBefore(steps, 'network:home/app_default', 'create:far/app-db-1')).toBe(false);
  });

  test('a service that has moved is removed where it was', () => {
    const containers = [containerOf(project, 'web'), containerOf(project, 'db', { machine: 'home' })];
    const { steps } = planCreation(creation(project), observed(project, containers, { machines }));
    expect(ids(steps)).toEqual(['stop:home/app-db-1', 'remove:home/app-db-1', 'create:far/app-db-1']);
    expect(isBefore(steps, 'remove:home/app-db-1', 'create:far/app-db-1')).toBe(true);
  });

  test('what cannot be reached from another machine is said', () => {
    const depending = (ports: readonly object[]) =>
      projectOf({ web: { dependsOn: { db: dependsOn() } }, db: { extensions, ports: ports as never } });
    const warnings = (ports: readonly object[]) => {
      const it = depending(ports);
      return planCreation(creation(it), observed(it, [], { machines })).warnings;
    };
    expect(warnings([])).toEqual([expect.stringContaining('service "web" on home cannot reach "db" on far')]);
    expect(warnings([{ target: 80, protocol: 'tcp', published: '80', extensions: {} }])).toEqual([]);
  });

  test('namespaces are not shared between them', () => {
    const sharing = projectOf({
      web: { networkMode: 'service:db', dependsOn: { db: dependsOn() } },
      db: { extensions },
    });
    expect(() => planCreation(creation(sharing), observed(sharing, [], { machines }))).toThrow(
      'service "web" shares a namespace or volumes with "db", which is on another machine',
    );
  });
});
