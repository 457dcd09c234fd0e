import type { Project } from '../../../../src/compose/model/project.js';
import { serviceMachine } from '../../../../src/compose/model/service-machine.js';
import { serviceWith } from '../../../../src/compose/model/service-with.js';

const project = (extensions: Project['extensions']): Project => ({
  ...{ name: 'shop', workingDirectory: '/shop', files: [], environment: {}, profiles: [], services: {} },
  ...{
    separator: '-',
    disabledServices: {},
    networks: {},
    volumes: {},
    secrets: {},
    configs: {},
    models: {},
    extensions,
  },
});

const placed = (constraint: string) =>
  serviceWith('web', {
    deploy: {
      ...{ labels: {}, resources: { extensions: {} }, extensions: {} },
      placement: { constraints: [constraint], preferences: [], extensions: {} },
    },
  });

test('x-machine of a service comes before placement and the project', () => {
  const service = { ...placed('node.hostname == db1'), extensions: { 'x-machine': 'web1' } };
  expect(serviceMachine(project({ 'x-machine': 'all' }), service)).toBe('web1');
});

test.each(['node.hostname == db1', 'node.hostname==db1', 'machine == db1'])(
  '"%s" names a machine',
  (text) => {
    expect(serviceMachine(project({ 'x-machine': 'all' }), placed(text))).toBe('db1');
  },
);

test('other constraints name none', () => {
  expect(serviceMachine(project({ 'x-machine': 'all' }), placed('node.role == manager'))).toBe('all');
  expect(serviceMachine(project({}), serviceWith('web'))).toBeUndefined();
});
