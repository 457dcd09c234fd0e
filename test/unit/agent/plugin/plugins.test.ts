import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { join } from 'node:path';
import { Plugins } from '../../../../src/agent/plugin/plugins.js';
import { temporaryDirectory } from '../../../support/temporary-directory.js';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let servers: Server[];
let plugins: Plugins;

beforeEach(async () => {
  directory = await temporaryDirectory();
  servers = [];
  plugins = new Plugins({ sockets: directory.path, specs: [] });
});
afterEach(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await directory[Symbol.asyncDispose]();
});

async function listen(name: string, listener: RequestListener): Promise<void> {
  const server = createServer(listener).listen(join(directory.path, `${name}.sock`));
  servers.push(server);
  await once(server, 'listening');
}

test('plugins are named by what they say they are; one that is stuck, gone or damaged is left out', async () => {
  const says = (kinds: unknown): RequestListener => {
    return (_request, response) => void response.end(JSON.stringify({ Implements: kinds }));
  };
  await listen('disks', says(['VolumeDriver']));
  await listen('wires', says(['NetworkDriver', 'IpamDriver']));
  await listen('both', says(['VolumeDriver', 'NetworkDriver']));
  await listen('odd', says('VolumeDriver'));
  expect(await plugins.named('VolumeDriver', 60_000)).toEqual(['both', 'disks']);
  await listen('stuck', () => {});
  await writeFile(join(directory.path, 'gone.sock'), '');
  expect(await plugins.named('VolumeDriver', 100)).toEqual(['both', 'disks']);
  expect(await plugins.named('NetworkDriver', 100)).toEqual(['both', 'wires']);
});
