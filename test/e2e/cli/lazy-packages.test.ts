import { readFile } from 'node:fs/promises';
import { loadedBy } from '../../support/loaded-modules.js';
import { createTestStore, type TestStore } from '../../support/tsmachine.js';

/** Words that only these packages' code has, in whichever chunk of the build it is. */
const packages = {
  '@aws-sdk/client-ec2': 'AuthorizeSecurityGroupIngress',
  ssh2: 'ssh2js',
  '@peculiar/x509': 'Pkcs10CertificateRequest',
  yaml: 'BLOCK_FOLDED',
  'the schema of Compose files': 'declared for backward compatibility',
};

let store: TestStore;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store[Symbol.asyncDispose]());

test.each([
  ['--help'],
  ['ls'],
  ['create --help'],
  ['create --driver ec2 --help'],
  ['create --driver amazonec2 --ec2-root-size many web'],
  ['driver ls'],
])('"%s" loads neither a cloud SDK nor SSH nor X.509 nor Compose', async (line) => {
  expect(await heavyPackagesOf(line)).toEqual([]);
});

test('creating an instance loads the SDK, and still not SSH', async () => {
  const line = 'create --driver ec2 --ec2-endpoint http://127.0.0.1:1 --ec2-retries -1 web';

  expect(await heavyPackagesOf(line)).toEqual(['@aws-sdk/client-ec2']);
});

async function heavyPackagesOf(line: string): Promise<readonly string[]> {
  const { files } = await loadedBy(store, line.split(' '));
  expect(files.length).toBeGreaterThan(1);
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  return Object.entries(packages).flatMap(([name, word]) =>
    texts.some((text) => text.includes(word)) ? [name] : [],
  );
}
