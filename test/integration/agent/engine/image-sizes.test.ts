import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { EngineClient } from '../../../../src/api/client/engine-client.js';
import { loadImages } from '../../../../src/api/client/images.js';
import { dockerArchive, layeredImage, layerWith } from '../../../support/layered-image.js';
import { AgentLab } from './support/agent-lab.js';

let lab: AgentLab;
let client: EngineClient;

const base = layerWith('base', randomBytes(1_000_000));
const images = {
  'sizes:1': layeredImage(base, layerWith('one', randomBytes(200_000))),
  'sizes:2': layeredImage(base, layerWith('two', randomBytes(300_000))),
};

beforeAll(async () => {
  lab = await AgentLab.start();
  client = new EngineClient({ socketPath: lab.socket });
  for (const [tag, image] of Object.entries(images)) {
    const archive = Readable.from([dockerArchive(image, [tag])]);
    for await (const _line of loadImages(client, archive, { quiet: true }));
  }
}, 30_000);
afterAll(async () => {
  client.close();
  await lab[Symbol.asyncDispose]();
});

test('system df -v tells what images share, and prune what it really frees', async () => {
  const { stdout } = await lab.docker(['system', 'df', '-v', '--format', '{{json .Images}}']);
  const rows: { readonly Repository: string; readonly SharedSize: string; readonly UniqueSize: string }[] =
    JSON.parse(stdout);
  const own = rows.filter(({ Repository }) => Repository === 'sizes');

  expect(own.map(({ SharedSize, UniqueSize }) => [SharedSize, UniqueSize]).sort()).toEqual([
    ['1MB', '200kB'],
    ['1MB', '300kB'],
  ]);
  await lab.docker(['rmi', 'sizes:1']);
  await lab.docker(['create', '--name', 'user', 'busybox']);
  const pruned = await lab.docker(['image', 'prune', '-af']);
  expect(pruned.stdout).toContain('Total reclaimed space: 1.3MB');
});

test('an image is imported from a URL, and a failure names where from', async () => {
  const web = join(lab.directory, 'web');
  await mkdir(web);
  await writeFile(join(web, 'root.tar'), layerWith('hello', Buffer.from('hello')));
  await using _server = await lab.serving(
    ['busybox', 'httpd', '-f', '-p', '127.0.0.1:8080', '-h', web],
    ['curl', '-sf', 'http://127.0.0.1:8080/root.tar'],
  );

  const imported = await lab.docker(['import', 'http://127.0.0.1:8080/root.tar', 'remote:1']);
  const missing = await lab.docker(['import', 'http://127.0.0.1:8080/none?key=secret', 'remote:2']);

  expect(imported).toMatchObject({ code: 0, stdout: expect.stringMatching(/sha256:[0-9a-f]{64}\n$/) });
  expect(missing.stderr).toContain('failed to download http://127.0.0.1:8080/none: 404');
  expect(missing.stderr).not.toContain('secret');
});
