import { configAnswer, modelAnswer } from '../../../../src/cli/compose/config-answer.js';
import type { ConfigQuestion } from '../../../../src/cli/compose/config-question.js';
import { load } from '../../compose/support/load.js';

const everything: ConfigQuestion = {
  ...{ format: 'yaml', services: false, volumes: false, images: false, profiles: false },
  ...{ environment: false, variables: false, hash: undefined },
};

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: they are Compose's
test('dollar signs are doubled, so that what is shown can be read again', async () => {
  const { project } = await load('services: {a: {image: i, command: ["$$HOME"]}}');
  const { text } = configAnswer(project, [], everything);
  expect(text).toContain('- $$HOME\n');
  const again = await load(text);
  expect(configAnswer(again.project, [], everything).text).toBe(text);
});

test('an image that has no name is called after project and service', async () => {
  const { project } = await load('services: {b: {build: .}, a: {image: i}}');
  expect(configAnswer(project, [], { ...everything, images: true }).text).toBe('i\nshop-b\n');
});

test('the environment is that of interpolation', async () => {
  const { project } = await load(
    { 'compose.yaml': 'services: {a: {image: i}}', '.env': 'B=2\nA=file' },
    { environment: { A: 'shell' } },
  );
  expect(configAnswer(project, [], { ...everything, environment: true }).text).toBe(
    'A=shell\nB=2\nCOMPOSE_PROJECT_NAME=shop\n',
  );
});

test('the variables that the files use are a table', () => {
  const model = { services: { a: { image: 'i:${TAG:-latest}', command: ['$HOME', '${X:?no}', '${TAG}'] } } };
  expect(modelAnswer(model, { ...everything, variables: true }).text.split('\n')).toEqual([
    'NAME   REQUIRED   DEFAULT VALUE   ALTERNATE VALUE',
    'HOME   false',
    'TAG    false      latest',
    'X      true',
    '',
  ]);
});
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: they are Compose's

test('a service that is not there is an error that names the others', async () => {
  const { project } = await load('services: {a: {image: i}}');
  for (const question of [{ ...everything, hash: 'no' }, everything]) {
    expect(() => configAnswer(project, ['no'], question)).toThrow('no such service: no');
  }
});
