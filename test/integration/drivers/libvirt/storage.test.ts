import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connection, StoragePool } from '../../../../src/drivers/libvirt/native/libvirt.js';
import { openConnection } from '../../../../src/drivers/libvirt/native/open-connection.js';
import { run } from '../../../../src/shared/spawn.js';
import { type Libvirtd, startLibvirtd } from '../../../support/libvirtd.js';

let daemon: Libvirtd;
let connection: Connection;
let pool: StoragePool;

beforeAll(async () => {
  daemon = await startLibvirtd();
  connection = await openConnection(daemon.qemuUri);
  const path = join(daemon.directory, 'pool');
  pool = await connection.defineStoragePool(
    `<pool type="dir"><name>p</name><target><path>${path}</path></target></pool>`,
  );
  await pool.build();
  await pool.create();
});

afterAll(async () => {
  await connection?.close();
  await daemon?.[Symbol.asyncDispose]();
});

test('a pool is found by name and by path, and tells its space', async () => {
  expect(await pool.isActive()).toBe(true);
  expect(await pool.info()).toMatchObject({ state: 'running', available: expect.any(BigInt) });
  const path = join(daemon.directory, 'pool');
  expect((await connection.findStoragePool({ targetPath: path }))?.name).toBe('p');
  expect((await connection.storagePools()).map(({ name }) => name)).toEqual(['p']);
  expect(await connection.findStoragePool({ name: 'none' })).toBeUndefined();
});

test('what is uploaded in uneven pieces arrives byte by byte, and comes back', async () => {
  const content = randomBytes(3_000_001);
  const volume = await pool.createVolume(volumeXml('raw', content.length, 'raw'));
  await volume.upload(pieces(content, 700_001), { offset: 0, length: content.length });

  expect(sha256(await readFile(volume.path))).toBe(sha256(content));
  expect(sha256(await volume.download({ offset: 0, length: content.length }))).toBe(sha256(content));
  expect(await volume.download({ offset: 100, length: 50 })).toEqual(content.subarray(100, 150));
  await volume.delete();
});

test('an upload whose source fails, or that is interrupted, leaves a connection that works', async () => {
  const volume = await pool.createVolume(volumeXml('broken', 1_000_000, 'raw'));
  const abort = new AbortController();
  async function* failing() {
    yield randomBytes(500_000);
    throw new Error('source is gone');
  }
  async function* interrupted() {
    yield randomBytes(500_000);
    abort.abort(new Error('enough'));
    yield randomBytes(500_000);
  }
  const range = { offset: 0, length: 1_000_000 };
  await expect(volume.upload(failing(), range)).rejects.toThrow('source is gone');
  await expect(volume.upload(interrupted(), range, { signal: abort.signal })).rejects.toThrow('enough');

  expect(await volume.info()).toMatchObject({ capacity: 1_000_000n });
  await volume.delete();
  expect(await pool.findVolume('broken')).toBeUndefined();
});

test('an overlay volume has its backing file and a size of its own', async () => {
  const base = await pool.createVolume(volumeXml('base', 10_485_760, 'qcow2'));
  const overlay = await pool.createVolume(`<volume><name>overlay</name><capacity>20971520</capacity>
    <target><format type="qcow2"/></target>
    <backingStore><path>${base.path}</path><format type="qcow2"/></backingStore></volume>`);

  const { stdout } = await run(['qemu-img', 'info', '--output=json', overlay.path]);
  expect(JSON.parse(stdout)).toMatchObject({
    format: 'qcow2',
    'virtual-size': 20_971_520,
    'full-backing-filename': base.path,
  });
  await overlay.resize(31_457_280n);
  expect(await overlay.info()).toMatchObject({ capacity: 31_457_280n });
});

test('a volume that exists is refused', async () => {
  await pool.createVolume(volumeXml('twice', 1000, 'raw'));
  await expect(pool.createVolume(volumeXml('twice', 1000, 'raw'))).rejects.toMatchObject({
    kind: 'already-exists',
    code: 'LIBVIRT_EXISTS',
  });
});

test('a network without forwarding is started, has no leases, and goes', async () => {
  const network = await connection.defineNetwork(`<network><name>n</name><bridge name="tsm-lv-test"/>
    <forward mode="open"/><ip address="10.211.77.1" netmask="255.255.255.0">
    <dhcp><range start="10.211.77.10" end="10.211.77.20"/></dhcp></ip></network>`);
  expect(await network.isActive()).toBe(false);
  await network.create();
  expect(await network.isActive()).toBe(true);
  expect(await network.bridgeName()).toBe('tsm-lv-test');
  expect(await network.leases()).toEqual([]);
  await network.destroy();
  await network.undefine();
  expect(await connection.findNetwork('n')).toBeUndefined();
});

test('a connection whose daemon dies says so, and closes', async () => {
  await using other = await startLibvirtd();
  await using lost = await openConnection(other.qemuUri);
  await lost.domains();
  process.kill(other.pid, 'SIGKILL');

  await expect(lost.domains()).rejects.toMatchObject({ kind: 'unavailable', code: 'LIBVIRT_NO_CONNECTION' });
  await expect(lost.hostname()).rejects.toMatchObject({ code: 'LIBVIRT_NO_CONNECTION' });
  await lost.close();
});

function volumeXml(name: string, bytes: number, format: string): string {
  return `<volume><name>${name}</name><capacity>${bytes}</capacity><target><format type="${format}"/></target></volume>`;
}

async function* pieces(content: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < content.length; offset += size) {
    yield content.subarray(offset, offset + size);
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
