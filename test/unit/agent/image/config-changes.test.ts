import { applyChanges } from '../../../../src/agent/image/config-changes.js';

describe('applyChanges()', () => {
  test('applies each instruction as a Dockerfile does', () => {
    const config = applyChanges({ Env: ['A=0', 'PATH=/bin'] }, [
      'CMD ["sh", "-c", "true"]',
      'entrypoint /run me',
      `ENV A=1 B='two words' C="q\\"x"`,
      'ENV OLD some  value',
      'EXPOSE 80 443/udp 8000-8001',
      'LABEL a=b "c d"=e',
      'USER 1:2',
      'VOLUME /v /w',
      'VOLUME ["/x"]',
      'WORKDIR /a',
      'WORKDIR b/../c',
      'STOPSIGNAL SIGQUIT',
    ]);

    expect(config).toEqual({
      Cmd: ['sh', '-c', 'true'],
      Entrypoint: ['/bin/sh', '-c', '/run me'],
      Env: ['A=1', 'PATH=/bin', 'B=two words', 'C=q"x', 'OLD=some  value'],
      ExposedPorts: { '80/tcp': {}, '443/udp': {}, '8000/tcp': {}, '8001/tcp': {} },
      Labels: { a: 'b', 'c d': 'e' },
      User: '1:2',
      Volumes: { '/v': {}, '/w': {}, '/x': {} },
      WorkingDir: '/a/c',
      StopSignal: 'SIGQUIT',
    });
  });

  test.each([
    ['RUN true', 'run is not a valid change command'],
    ['CMD', 'CMD requires at least one argument'],
    ['ENV A', 'ENV must have two arguments'],
    ['EXPOSE x', 'invalid containerPort: x'],
  ])('refuses %p', (change, message) => {
    expect(() => applyChanges({}, [change])).toThrow(message);
  });
});
