import { mergeConfig } from '../../../../../src/agent/engine/containers/merge-config.js';

const image = {
  Env: ['PATH=/bin', 'LANG=C'],
  Entrypoint: ['/entry'],
  Cmd: ['serve'],
  WorkingDir: '/srv',
  User: 'web',
  Labels: { a: 'image', b: 'image' },
  ExposedPorts: { '80/tcp': {} },
  Volumes: { '/data': {} },
  StopSignal: 'SIGQUIT',
};

test('mergeConfig() takes everything from the image where the user gives nothing', () => {
  expect(mergeConfig({}, image)).toMatchObject(image);
});

test('mergeConfig() replaces the command, and keeps the entrypoint', () => {
  expect(mergeConfig({ Cmd: ['sh'] }, image)).toMatchObject({ Entrypoint: ['/entry'], Cmd: ['sh'] });
});

test("mergeConfig() resets the image's command where the user gives an entrypoint", () => {
  expect(mergeConfig({ Entrypoint: ['ls'] }, image)).toMatchObject({ Entrypoint: ['ls'], Cmd: [] });
});

test('mergeConfig() takes an entrypoint of one empty word for none', () => {
  expect(mergeConfig({ Entrypoint: [''], Cmd: ['id'] }, image)).toMatchObject({
    Entrypoint: [],
    Cmd: ['id'],
  });
});

test('mergeConfig() joins environment, labels, ports and volumes, the user first', () => {
  const merged = mergeConfig(
    {
      Env: ['LANG=de', 'X=1'],
      Labels: { b: 'user' },
      ExposedPorts: { '53/udp': {} },
      Volumes: { '/more': {} },
    },
    image,
  );

  expect(merged.Env).toEqual(['LANG=de', 'X=1', 'PATH=/bin']);
  expect(merged.Labels).toEqual({ a: 'image', b: 'user' });
  expect(Object.keys(merged.ExposedPorts ?? {}).sort()).toEqual(['53/udp', '80/tcp']);
  expect(Object.keys(merged.Volumes ?? {}).sort()).toEqual(['/data', '/more']);
});

test('mergeConfig() refuses a container without a command', () => {
  expect(() => mergeConfig({}, {})).toThrow('no command specified');
  expect(() => mergeConfig({ Entrypoint: [''] }, image)).toThrow('no command specified');
});
