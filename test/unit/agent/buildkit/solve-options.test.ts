import { solveOptions } from '../../../../src/agent/buildkit/solve/solve-options.js';

test('attributes of the front end are read', () => {
  const options = solveOptions(
    new Map([
      ['filename', 'x.Dockerfile'],
      ['target', 't'],
      ['build-arg:A', '1'],
      ['build-arg:BUILDKIT_INLINE_CACHE', '1'],
      ['label:l', 'v'],
      ['no-cache', 'one,Two'],
      ['add-hosts', 'a=1.2.3.4,b=::1'],
      ['ulimit', 'nofile=10:20,core=0'],
      ['shm-size', '1024'],
      ['force-network-mode', 'none'],
      ['image-resolve-mode', 'pull'],
      ['cache-imports', '[{"Type":"registry","Attrs":{"ref":"r/a:1"}}]'],
      ['context:base::linux/amd64', 'docker-image://busybox'],
    ]),
    [],
  );

  expect(options).toMatchObject({
    ...{ filename: 'x.Dockerfile', target: 't', pull: true, cacheFrom: ['r/a:1'] },
    buildArgs: new Map([['A', '1']]),
    labels: new Map([['l', 'v']]),
    noCache: new Set(['one', 'two']),
    contexts: new Map([['base', 'docker-image://busybox']]),
    hostConfig: {
      ...{ NetworkMode: 'none', ShmSize: 1024, ExtraHosts: ['a:1.2.3.4', 'b:::1'] },
      Ulimits: [
        { Name: 'nofile', Soft: 10, Hard: 20 },
        { Name: 'core', Soft: 0, Hard: 0 },
      ],
    },
  });
});

test.each([
  ['platform', 'linux/amd64,linux/arm64', 'Multi-platform build is not supported for the docker driver'],
  ['attest:sbom', '', 'the attestation "sbom"'],
  ['hostname', 'x', '("hostname")'],
  ['build-arg:BUILDKIT_SYNTAX', 'example.com/x', 'the front end "example.com/x"'],
  ['cache-imports', '[{"Type":"s3"}]', 'a cache of type "s3"'],
  ['cache-imports', '{', 'failed to unmarshal cache-imports'],
  ['force-network-mode', 'mine', 'invalid network mode "mine"'],
  ['ulimit', 'x', 'invalid ulimit "x"'],
  ['add-hosts', '=x', 'invalid additional host "=x"'],
  ['shm-size', '1g', 'invalid value for shm-size: "1g"'],
])('%s=%s is refused by name', (name, value, wanted) => {
  expect(() => solveOptions(new Map([[name, value]]), [])).toThrow(wanted);
});

test('attestations that are switched off are no matter', () => {
  expect(() => solveOptions(new Map([['attest:provenance', 'disabled=true']]), [])).not.toThrow();
});
