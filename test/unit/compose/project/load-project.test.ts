import { directoryOf, failure, load } from '../support/load.js';

const web = (image: string) => `services: {web: {image: "${image}"}}`;

describe('the files', () => {
  test('compose.yaml is found in a directory above, with its override', async () => {
    const directory = directoryOf({
      'compose.yaml': web('one'),
      'compose.override.yaml': 'services: {web: {hostname: h}}',
      'docs/deep/x': '',
    });
    const { project } = await load('', { currentDirectory: `${directory}/docs/deep` });
    expect(project.services['web']).toMatchObject({ image: 'one', hostname: 'h' });
    expect(project.workingDirectory).toBe(directory);
    expect(project.files).toEqual([`${directory}/compose.yaml`, `${directory}/compose.override.yaml`]);
  });

  test('compose.yaml is preferred, and the others are told of', async () => {
    const { project, warnings } = await load({
      'compose.yaml': web('new'),
      'docker-compose.yml': web('old'),
    });
    expect(project.services['web']?.image).toBe('new');
    expect(warnings[0]).toMatch(
      /^Found multiple config files with supported names: .*compose.yaml, .*docker-/,
    );
  });

  test('-f comes before COMPOSE_FILE, which may have a separator of its own', async () => {
    const files = { 'a.yaml': web('a'), 'b.yaml': 'services: {web: {hostname: b}}', 'c.yaml': web('c') };
    const environment = { COMPOSE_FILE: 'a.yaml;b.yaml', COMPOSE_PATH_SEPARATOR: ';' };
    expect((await load(files, { environment })).project.services['web']).toMatchObject({
      image: 'a',
      hostname: 'b',
    });
    const { project } = await load(files, { environment, files: ['c.yaml'] });
    expect(project.services['web']).toMatchObject({ image: 'c', hostname: undefined });
  });

  test('COMPOSE_FILE may stand in .env', async () => {
    const { project } = await load({ '.env': 'COMPOSE_FILE=b.yaml', 'b.yaml': web('b') });
    expect(project.services['web']?.image).toBe('b');
  });

  test('none is an error that names the directory', async () => {
    const { directory, error } = await failure({ 'x.txt': '' });
    expect(error.message).toBe('no configuration file provided: not found');
    expect(error.hints[0]).toContain(directory);
  });

  test('one that is not there is named', async () => {
    const { error } = await failure({ x: '' }, { files: ['nope.yaml'] });
    expect(error.message).toMatch(/^file ".*\/nope\.yaml" does not exist$/);
  });
});

describe('the name', () => {
  const name = async (files: Parameters<typeof load>[0], setup: Parameters<typeof load>[1]) =>
    (await load(files, { projectName: undefined, ...setup })).project.name;

  test('-p, then COMPOSE_PROJECT_NAME, then name: of a file', async () => {
    const environment = { COMPOSE_PROJECT_NAME: 'env' };
    const file = `name: written-$N\n${web('a')}`;
    expect(await name(file, { projectName: 'given', environment })).toBe('given');
    expect(await name(file, { environment })).toBe('env');
    expect(await name(file, { environment: { N: '1' } })).toBe('written-1');
  });

  test('of the directory, without what a name may not have', async () => {
    const directory = directoryOf({ 'My Shop.2/compose.yaml': web('a') });
    expect(await name('', { currentDirectory: `${directory}/My Shop.2` })).toBe('myshop2');
  });

  test('that is given has to be a proper one', async () => {
    const { error } = await failure(web('a'), { projectName: 'No' });
    expect(error.message).toMatch(/^invalid project name "No": must consist only of lowercase/);
  });
});
