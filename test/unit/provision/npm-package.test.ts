import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageDirectory } from '../../../src/provision/npm-package.js';
import { pinnedPackages } from '../../../src/provision/pinned-packages.js';
import { packageRoot } from '../../../src/shared/package-root.js';
import { runOrThrow } from '../../../src/shared/spawn.js';

const never = new AbortController().signal;

test.each(Object.values(pinnedPackages).map((pinned) => [pinned.name, pinned] as const))(
  '%s is pinned as in package-lock.json',
  async (name, pinned) => {
    const lock = JSON.parse(await readFile(join(packageRoot(), 'package-lock.json'), 'utf8'));

    const { version, integrity } = lock.packages[`node_modules/${name}`];

    expect(pinned).toEqual({ name, version, integrity });
  },
);

describe('packageDirectory()', () => {
  let directory: string;
  let server: Server;
  let tarball: Buffer;
  let requests: (string | undefined)[];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tsmachine-npm-'));
    await mkdir(join(directory, 'package/bin'), { recursive: true });
    await writeFile(join(directory, 'package/bin/node'), 'binary');
    await runOrThrow(['tar', '-czf', 'package.tgz', 'package'], { cwd: directory });
    tarball = await readFile(join(directory, 'package.tgz'));
    requests = [];
    server = createServer((request, response) => {
      requests.push(request.url);
      response.end(tarball);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo; // it listens on TCP
    process.env['npm_config_registry'] = `http://127.0.0.1:${port}/`;
  });
  afterEach(async () => {
    delete process.env['npm_config_registry'];
    server.close();
    await rm(directory, { recursive: true, force: true });
  });

  const pinned = (content: Buffer) => ({
    name: '@scope/missing-linux',
    version: '1.0.0',
    integrity: `sha512-${createHash('sha512').update(content).digest('base64')}`,
  });
  const cache = () => join(directory, 'cache');

  test('fetches what npm did not install, once', async () => {
    const place = await packageDirectory(pinned(tarball), cache(), never);
    await packageDirectory(pinned(tarball), cache(), never);

    expect(await readFile(join(place, 'bin/node'), 'utf8')).toBe('binary');
    expect(requests).toEqual(['/@scope/missing-linux/-/missing-linux-1.0.0.tgz']);
  });

  test('throws PACKAGE_UNAVAILABLE for another checksum, and keeps nothing', async () => {
    await expect(packageDirectory(pinned(Buffer.from('x')), cache(), never)).rejects.toMatchObject({
      code: 'PACKAGE_UNAVAILABLE',
      message: expect.stringContaining('checksum'),
    });

    expect(await readdir(cache()).catch(() => [])).toEqual([]);
  });

  test('throws PACKAGE_UNAVAILABLE when the registry does not answer', async () => {
    server.close();
    await once(server, 'close');

    await expect(packageDirectory(pinned(tarball), cache(), never)).rejects.toMatchObject({
      code: 'PACKAGE_UNAVAILABLE',
    });
  });
});
