import { load } from '../support/load.js';

test('a service extends one of the same file, which extends another one', async () => {
  const { project } = await load(
    'services:\n  a: {image: a, environment: {X: 1, Y: 1}}\n  b: {extends: a, environment: {Y: 2}}\n  c: {extends: {service: b}, image: c}',
  );
  expect(project.services['c']).toMatchObject({ image: 'c', environment: { X: '1', Y: '2' } });
});

test('paths of a service of another file are relative to that file', async () => {
  const { project, directory } = await load({
    'compose.yaml':
      'services: {web: {extends: {file: common/base.yaml, service: base}, volumes: ["./x:/x"]}}',
    'common/base.yaml':
      'services: {base: {build: ./ctx, volumes: ["./y:/y"], extends: {file: ../root.yaml, service: root}}}',
    'root.yaml': 'services: {root: {hostname: h, volumes: ["./z:/z"]}}',
  });
  expect(project.services['web']?.build?.context).toBe(`${directory}/common/ctx`);
  expect(project.services['web']?.hostname).toBe('h');
  expect(project.services['web']?.volumes.map(({ source }) => source)).toEqual([
    ...[`${directory}/z`, `${directory}/common/y`, `${directory}/x`],
  ]);
});

test('what a service resets does not come from the one that it extends', async () => {
  const { project } = await load(
    'services:\n  a: {image: a, ports: ["80:80"], environment: {X: 1}}\n  b: {extends: a, ports: !reset [], environment: !override {Y: 2}}',
  );
  expect(project.services['b']).toMatchObject({ image: 'a', ports: [], environment: { Y: '2' } });
});

test('an included project has its own directory and env file, and the shell before it', async () => {
  const { project, directory } = await load(
    {
      'compose.yaml': 'include: [sub/compose.yaml]\nservices: {web: {image: i, depends_on: [inner]}}',
      '.env': 'OUTER=1',
      'sub/compose.yaml': 'services: {inner: {image: "$NAME-$SHELL-$OUTER", volumes: ["./d:/d"]}}',
      'sub/.env': 'NAME=inner\nSHELL=of the file\nOUTER=2',
    },
    { environment: { SHELL: 'sh' } },
  );
  expect(project.services['inner']?.image).toBe('inner-sh-1');
  expect(project.services['inner']?.volumes[0]?.source).toBe(`${directory}/sub/d`);
});

test('include takes several files, a directory and env files', async () => {
  const { project, directory } = await load({
    'compose.yaml': 'include: [{path: [a.yaml, b.yaml], project_directory: dir, env_file: [x.env]}]',
    'a.yaml': 'services: {s: {image: "$X", build: ./c}}',
    'b.yaml': 'services: {s: {hostname: over}}',
    'x.env': 'X=set',
  });
  expect(project.services['s']).toMatchObject({ image: 'set', hostname: 'over' });
  expect(project.services['s']?.build?.context).toBe(`${directory}/dir/c`);
});

test('what is included must not say something else of the same name', async () => {
  const included = 'services: {s: {image: a}}';
  const same = await load({
    'compose.yaml': 'include: [a.yaml, b.yaml]',
    'a.yaml': included,
    'b.yaml': included,
  });
  expect(Object.keys(same.project.services)).toEqual(['s']);
  await expect(
    load({ 'compose.yaml': 'include: [a.yaml]\nservices:\n  s: {image: b}', 'a.yaml': included }),
  ).rejects.toThrow(/compose\.yaml:3:3: services\.s conflicts with imported resource$/);
});

test('an override file may say more of what is included', async () => {
  const { project } = await load({
    'compose.yaml': 'include: [a.yaml]',
    'compose.override.yaml': 'services: {s: {hostname: over}}',
    'a.yaml': 'services: {s: {image: a}}',
  });
  expect(project.services['s']).toMatchObject({ image: 'a', hostname: 'over' });
});
