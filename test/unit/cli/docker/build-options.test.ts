import { buildOptions } from '../../../../src/cli/docker/build/build-request.js';

test('flags become the parameters of the API', () => {
  const options = buildOptions(
    {
      tag: ['a', 'b:1'],
      'build-arg': ['A=1=2', 'FROM_HERE', 'NOWHERE'],
      label: ['x=y', 'z'],
      'cache-from': ['one,two'],
      'add-host': ['db:10.0.0.2'],
      'shm-size': '64m',
      memory: '1g',
      ulimit: ['nofile=10:20'],
    },
    { FROM_HERE: 'yes' },
  );

  expect(options).toMatchObject({
    tags: ['a', 'b:1'],
    buildArgs: { A: '1=2', FROM_HERE: 'yes' },
    labels: { x: 'y', z: '' },
    cacheFrom: ['one', 'two'],
    extraHosts: ['db:10.0.0.2'],
    shmSize: 64 * 2 ** 20,
    memory: 2 ** 30,
    ulimits: [{ Name: 'nofile', Soft: 10, Hard: 20 }],
    removeContainers: true,
  });
});
