import { selectServices } from '../../../../src/compose/model/select-services.js';
import { load } from '../support/load.js';

const file = `services:
  web: {image: i, depends_on: {api: {condition: service_started}, mail: {condition: service_started, required: false}}}
  api: {image: i, depends_on: [db]}
  db: {image: i}
  mail: {image: i, profiles: [mail]}
  debug: {image: i, profiles: [debug], depends_on: [db]}
`;

const names = (project: { readonly services: object }) => Object.keys(project.services).sort();
const missing = (name: string) => new Error(`no such service: ${name}`);

test('services without a profile are always enabled, others with theirs', async () => {
  expect(names((await load(file)).project)).toEqual(['api', 'db', 'web']);
  expect(names((await load(file, { profiles: ['mail'] })).project)).toEqual(['api', 'db', 'mail', 'web']);
  expect(names((await load(file, { profiles: ['*'] })).project)).toHaveLength(5);
  const environment = { COMPOSE_PROFILES: ' debug , mail' };
  expect(names((await load(file, { environment })).project)).toHaveLength(5);
  expect(names((await load(file, { environment, profiles: ['x'] })).project)).toHaveLength(3);
});

test('naming a service activates its profiles', async () => {
  const { project } = await load(file, { services: ['debug'] });
  expect(names(project)).toEqual(['api', 'db', 'debug', 'web']);
  expect(project.profiles).toEqual(['debug']);
});

test('dependencies come along, optional ones when they are enabled', async () => {
  const { project } = await load(file);
  expect(names(selectServices(project, ['web'], 'dependencies', missing))).toEqual(['api', 'db', 'web']);
  const all = (await load(file, { profiles: ['mail'] })).project;
  expect(names(selectServices(all, ['web'], 'dependencies', missing))).toEqual(['api', 'db', 'mail', 'web']);
});

test('alone, a service depends on nothing any more', async () => {
  const { project } = await load(file);
  const alone = selectServices(project, ['api'], 'none', missing);
  expect(names(alone)).toEqual(['api']);
  expect(alone.services['api']?.dependsOn).toEqual({});
  expect(Object.keys(alone.disabledServices).sort()).toEqual(['db', 'debug', 'mail', 'web']);
});

test('dependents come along', async () => {
  const { project } = await load(file);
  expect(names(selectServices(project, ['db'], 'dependents', missing))).toEqual(['api', 'db', 'web']);
});

test('a service that is not there is an error', async () => {
  const { project } = await load(file);
  expect(() => selectServices(project, ['no'], 'dependencies', missing)).toThrow('no such service: no');
});
