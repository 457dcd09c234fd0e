import { normalizeArgv } from '../../../src/cli/argv.js';
import { refuseForeignCertificates } from '../../../src/cli/docker-machine-flags.js';
import { engineOptions } from '../../../src/cli/engine-flags.js';

const none = {
  'tls-san': undefined,
  'engine-label': undefined,
  'engine-insecure-registry': undefined,
  'engine-registry-mirror': undefined,
  'engine-opt': undefined,
  'engine-storage-driver': undefined,
  'engine-env': undefined,
};

test('engineOptions() takes what dockerd would have taken as --engine-opt', () => {
  const flags = {
    ...none,
    'engine-label': ['a=1'],
    'engine-opt': [
      'label=b=2',
      'registry-mirror https://m',
      'insecure-registry=r:5000',
      'storage-driver=overlay2',
      'userns-remap=default',
    ],
  };

  expect(engineOptions(flags, {})).toMatchObject({
    labels: ['a=1', 'b=2'],
    registryMirrors: ['https://m'],
    insecureRegistries: ['r:5000'],
    usernsRemap: 'default',
  });
  expect(engineOptions(none, { ENGINE_REGISTRY_MIRROR: 'https://env' }).registryMirrors).toEqual([
    'https://env',
  ]);
});

test.each([
  [{ 'engine-opt': ['bip=10.0.0.1/24'] }, 'bip'],
  [{ 'engine-storage-driver': 'btrfs' }, 'btrfs'],
  [{ 'engine-env': ['A=b'] }, '--engine-env A'],
  [{ 'engine-install-url': ['https://x'] }, '--engine-install-url'],
  [{ swarm: true }, '--swarm'],
  [{ 'swarm-opt': ['x'] }, '--swarm-opt'],
])('engineOptions(%j) is refused by name', (flags, name) => {
  expect(() => engineOptions({ ...none, ...flags }, {})).toThrow(
    expect.objectContaining({ code: 'OPTION_NOT_SUPPORTED', message: expect.stringContaining(name) }),
  );
});

test('engineOptions() takes proxies of --engine-env, without passwords', () => {
  const proxies = (...variables: readonly string[]) =>
    engineOptions({ ...none, 'engine-env': variables }, {}).proxies;

  expect(proxies('HTTP_PROXY=http://p:3128', 'https_proxy=http://q', 'NO_PROXY=a,.b')).toEqual({
    ...{ httpProxy: 'http://p:3128', httpsProxy: 'http://q', noProxy: 'a,.b' },
  });
  expect(() => proxies('HTTP_PROXY=http://me:secret@p')).toThrow(
    expect.objectContaining({
      code: 'PROXY_PASSWORD_REFUSED',
      message: expect.not.stringContaining('secret'),
    }),
  );
});

test('a CA of elsewhere is refused as a flag and as a variable', () => {
  expect(() => refuseForeignCertificates({ 'tls-ca-cert': 'x' }, {})).toThrow('--tls-ca-cert');
  expect(() => refuseForeignCertificates({}, { MACHINE_TLS_CLIENT_KEY: 'x' })).toThrow(
    'MACHINE_TLS_CLIENT_KEY',
  );
  expect(() => refuseForeignCertificates({ 'native-ssh': true }, {})).not.toThrow();
});

test("docker-machine's global options may stand before the command", () => {
  const find = (id: string) => (id === 'ls' ? { flags: {} } : undefined);

  expect(
    normalizeArgv(['--native-ssh', '--github-api-token', 'x', '--tls-ca-key=y', 'ls', '-q'], find),
  ).toEqual([...['ls', '--native-ssh', '--github-api-token', 'x', '--tls-ca-key=y', '-q']]);
});
