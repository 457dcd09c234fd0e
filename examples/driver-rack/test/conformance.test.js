import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { driverConformance } from 'tsmachine/driver-conformance';
import { driver } from '../dist/index.js';

const rack = { directory: '', server: createServer((socket) => socket.end()) };

before(async () => {
  rack.directory = await mkdtemp(join(tmpdir(), 'rack-'));
  await new Promise((listening) => rack.server.listen(0, '127.0.0.1', listening));
  const host = { host: '127.0.0.1', port: rack.server.address().port, user: 'root' };
  await writeFile(join(rack.directory, 'hosts.json'), JSON.stringify([host]));
  await writeFile(join(rack.directory, 'key'), '');
});

after(async () => {
  rack.server.close();
  await rm(rack.directory, { recursive: true });
});

driverConformance(
  { describe, it: (title, body, timeout) => it(title, { timeout }, body) },
  {
    definition: driver,
    options: async () => ({
      inventory: join(rack.directory, 'hosts.json'),
      key: join(rack.directory, 'key'),
    }),
    everything: async () => readdir(rack.directory),
  },
);
