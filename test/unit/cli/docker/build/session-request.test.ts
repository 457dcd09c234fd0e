import { Readable } from 'node:stream';
import { frontEndAttributes } from '../../../../../src/build/solve/front-end-options.js';
import { parseAttestations } from '../../../../../src/cli/docker/build/session/attribute-flags.js';
import { buildOutputs, type OutputFlags } from '../../../../../src/cli/docker/build/session/output-flags.js';
import { parseSecretFlag } from '../../../../../src/cli/docker/build/session/secret-flags.js';
import { parseSshFlag } from '../../../../../src/cli/docker/build/session/ssh-flags.js';
import { sessionRequest } from '../../../../../src/cli/docker/build/session-request.js';

const source = { place: '.', stdin: Readable.from([]) };

test('flags become attributes of the Dockerfile front end', () => {
  const { options, contexts, entitlements, cacheFrom, cacheTo } = sessionRequest(
    {
      ...{ 'build-arg': ['A=1=2', 'HERE', 'NOWHERE'], label: ['x=y'], target: 't', pull: true },
      ...{ platform: ['linux/amd64,linux/arm64'], 'no-cache-filter': ['a', 'b,c'], network: 'host' },
      ...{ 'add-host': ['db:10.0.0.2', 'six=[::1]'], 'shm-size': '64m', ulimit: ['nofile=10:20'] },
      ...{ 'build-context': ['more=docker-image://x'], allow: ['network.host'], sbom: 'true' },
      ...{ 'cache-from': ['one,two', 'type=registry,ref=three'], 'cache-to': ['type=inline'] },
    },
    source,
    { HERE: 'yes' },
  );

  expect(frontEndAttributes(options)).toEqual({
    ...{ 'build-arg:A': '1=2', 'build-arg:HERE': 'yes', 'label:x': 'y', target: 't', 'attest:sbom': '' },
    ...{ platform: 'linux/amd64,linux/arm64', 'multi-platform': 'true', 'no-cache': 'a,b,c' },
    ...{ 'image-resolve-mode': 'pull', 'force-network-mode': 'host', 'add-hosts': 'db=10.0.0.2,six=::1' },
    ...{ 'shm-size': '67108864', ulimit: 'nofile=10:20' },
  });
  expect({ contexts, entitlements }).toEqual({
    contexts: { more: 'docker-image://x' },
    entitlements: ['network.host'],
  });
  const registry = (ref: string) => ({ type: 'registry', attributes: { ref } });
  expect({ cacheFrom, cacheTo }).toEqual({
    cacheFrom: [registry('one'), registry('two'), registry('three')],
    cacheTo: [{ type: 'inline', attributes: {} }],
  });
});

const app = { name: 'docker.io/library/app:latest' };
test.each<[string, OutputFlags, readonly object[]]>([
  ['an image of the engine', { tag: ['app'] }, [{ type: 'moby', attributes: app, push: false }]],
  ['--push', { tag: ['app'], push: true }, [{ type: 'moby', attributes: app, push: true }]],
  [
    'both, made once',
    { tag: ['app'], push: true, load: true },
    [{ type: 'moby', attributes: app, push: true }],
  ],
  ['-o DIR', { output: ['out'], tag: ['app'] }, [{ type: 'local', attributes: {}, place: 'out' }]],
  ['-o -', { output: ['-'] }, [{ type: 'tar', attributes: {}, place: '-' }]],
  [
    'an archive',
    { output: ['type=docker,dest=a.tar'], tag: ['app'] },
    [{ type: 'docker', attributes: app, place: 'a.tar' }],
  ],
  [
    'OCI on stdout',
    { output: ['type=oci,compression=zstd'] },
    [{ type: 'oci', attributes: { compression: 'zstd' }, place: '-' }],
  ],
  ['a name of its own', { output: ['"type=image,push=true","name=a,b"'], tag: ['app'] }, []],
  [
    'annotations',
    { annotation: ['a=b=c', 'index,manifest:d=e'] },
    [
      {
        type: 'moby',
        attributes: { 'annotation.a': 'b=c', 'annotation-index.d': 'e', 'annotation-manifest.d': 'e' },
        push: false,
      },
    ],
  ],
])('the output %s', (_, flags, expected) => {
  if (expected.length > 0) expect(buildOutputs(flags)).toEqual(expected);
  else expect(() => buildOutputs(flags)).not.toThrow();
});

test.each([['dest=a'], ['type=local'], ['type=tar,x']])('the output "%s" is refused', (text) => {
  expect(() => buildOutputs({ output: [text] })).toThrow(`invalid value "${text}" for --output`);
});

test.each([
  ['id=a,src=/f', { id: 'a', file: '/f' }],
  ['id=a,env=B', { id: 'a', variable: 'B' }],
  ['type=env,id=a,src=B', { id: 'a', variable: 'B' }],
  ['id=SET', { id: 'SET', variable: 'SET' }],
  ['type=file,id=SET', { id: 'SET', file: 'SET' }],
  ['src=f', { id: 'f', file: 'f' }],
])('the secret %s', (flag, expected) => {
  expect(parseSecretFlag(flag, { SET: 'x' })).toEqual(expected);
});

test.each([['type=vault,id=a'], ['src'], ['idd=a'], ['type=file']])('the secret "%s" is refused', (flag) => {
  expect(() => parseSecretFlag(flag, {})).toThrow(`invalid value "${flag}" for --secret`);
});

test('ssh names an agent, a socket or keys', () => {
  expect(['default', 'default=/s', 'git=a,b'].map(parseSshFlag)).toEqual([
    { id: 'default', paths: [] },
    { id: 'default', paths: ['/s'] },
    { id: 'git', paths: ['a', 'b'] },
  ]);
});

test('attestations by their short forms; what is turned off is none', () => {
  expect(parseAttestations({ provenance: 'mode=max', sbom: 'true' })).toEqual({
    provenance: 'mode=max',
    sbom: '',
  });
  expect(parseAttestations({ attest: ['type=sbom'], provenance: 'false', sbom: 'false' })).toEqual({});
});

test('a cache may be a directory of this computer', () => {
  const { cacheFrom, cacheTo } = sessionRequest(
    { 'cache-from': ['type=local,src=s'], 'cache-to': ['type=local,dest=d,mode=max'] },
    source,
    {},
  );

  expect(cacheFrom).toEqual([{ type: 'local', attributes: { src: 's' } }]);
  expect(cacheTo).toEqual([{ type: 'local', attributes: { dest: 'd', mode: 'max' } }]);
});
