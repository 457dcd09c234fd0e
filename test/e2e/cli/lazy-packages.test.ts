import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { createTestStore, type TestStore } from '../../support/tsmachine.js';

/** Words that only these packages' code has, in whichever chunk of the build it is. */
const packages = {
  '@aws-sdk/client-ec2': 'AuthorizeSecurityGroupIngress',
  ssh2: 'ssh2js',
  '@peculiar/x509': 'Pkcs10CertificateRequest',
};

/** Loaded before the CLI: writes down every module's address. */
const recorder = `import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
registerHooks({ load(url, context, next) { appendFileSync(process.env.LOADED, url + '\\n'); return next(url, context); } });
`;

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
])('"%s" loads neither a cloud SDK nor SSH nor X.509', async (line) => {
  expect(await heavyPackagesOf(line)).toEqual([]);
});

test('creating an instance loads the SDK, and still not SSH', async () => {
  const line = 'create --driver ec2 --ec2-endpoint http://127.0.0.1:1 --ec2-retries -1 web';

  expect(await heavyPackagesOf(line)).toEqual(['@aws-sdk/client-ec2']);
});

async function heavyPackagesOf(line: string): Promise<readonly string[]> {
  await using directory = await temporaryDirectory();
  const hook = join(directory.path, 'recorder.mjs');
  const list = join(directory.path, 'loaded');
  await writeFile(hook, recorder);
  await store.call(line.split(' '), { env: { NODE_OPTIONS: `--import ${hook}`, LOADED: list } });
  const urls = (await readFile(list, 'utf8')).split('\n').filter((url) => url.startsWith('file:'));
  expect(urls.length).toBeGreaterThan(1);
  const texts = await Promise.all(urls.map((url) => readFile(fileURLToPath(url), 'utf8').catch(() => '')));
  return Object.entries(packages).flatMap(([name, word]) =>
    texts.some((text) => text.includes(word)) ? [name] : [],
  );
}
