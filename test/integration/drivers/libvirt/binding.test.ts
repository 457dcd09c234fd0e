import { randomUUID } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { VIR_ERR } from '../../../../src/drivers/libvirt/native/errors.js';
import { loadLibrary } from '../../../../src/drivers/libvirt/native/library.js';
import type { Connection, Domain } from '../../../../src/drivers/libvirt/native/libvirt.js';
import { openConnection } from '../../../../src/drivers/libvirt/native/open-connection.js';
import { temporaryDirectory } from '../../../support/temporary-directory.js';

// The driver of libvirt's library itself: no daemon, and each connection has a host of its own.
const mock = 'test:///default';

describe('life cycle', () => {
  test('a domain is defined, started, suspended, resumed, stopped and undefined', async () => {
    await using connection = await openConnection(mock);
    const domain = await connection.defineDomain(domainXml('ada'));
    expect(await domain.status()).toEqual({ state: 'shutoff', reason: 'unknown' });

    await domain.create();
    expect(await domain.status()).toEqual({ state: 'running', reason: 'booted' });
    expect(await domain.isActive()).toBe(true);
    await domain.suspend();
    expect(await domain.status()).toEqual({ state: 'paused', reason: 'user' });
    await domain.resume();
    expect(await domain.status()).toEqual({ state: 'running', reason: 'unpaused' });
    await domain.destroy();
    expect(await domain.status()).toEqual({ state: 'shutoff', reason: 'destroyed' });
    await domain.undefine();
    expect(await connection.findDomain({ name: 'ada' })).toBeUndefined();
  });

  test('a domain is found by name and by UUID, and listed', async () => {
    await using connection = await openConnection(mock);
    const made = await connection.defineDomain(domainXml('ada'));

    expect((await connection.findDomain({ uuid: made.uuid }))?.name).toBe('ada');
    expect((await connection.findDomain({ name: 'ada' }))?.uuid).toBe(made.uuid);
    expect((await connection.domains()).map(({ name }) => name).sort()).toEqual(['ada', 'test']);
  });

  test('a domain tells its description, memory and processors', async () => {
    await using connection = await openConnection(mock);
    const domain = await connection.defineDomain(domainXml('ada'));

    expect(await domain.xml()).toContain('<name>ada</name>');
    expect(await domain.info()).toMatchObject({ maxMemoryKiB: 65_536, vcpus: 1 });
    await domain.setAutostart(true);
    expect(await domain.autostart()).toBe(true);
  });

  test('metadata is kept under its namespace, until it is removed', async () => {
    await using connection = await openConnection(mock);
    const domain = await connection.defineDomain(domainXml('ada'));
    const namespace = 'urn:tsmachine:test';
    expect(await domain.metadata(namespace)).toBeUndefined();

    await domain.setMetadata(namespace, 'tsm', '<owner>store/ünïcode</owner>');
    expect(await domain.metadata(namespace)).toContain('store/ünïcode');
    await domain.setMetadata(namespace, 'tsm', undefined);
    expect(await domain.metadata(namespace)).toBeUndefined();
  });

  test('snapshots are made, listed, reverted to and deleted', async () => {
    await using connection = await openConnection(mock);
    const domain = await testDomain(connection);
    expect(await domain.currentSnapshot()).toBeUndefined();

    const made = await domain.createSnapshot('<domainsnapshot><name>before</name></domainsnapshot>');
    expect(await made.isCurrent()).toBe(true);
    expect((await domain.currentSnapshot())?.name).toBe('before');
    expect((await domain.snapshots()).map(({ name }) => name)).toEqual(['before']);
    await domain.destroy();
    await (await domain.findSnapshot('before'))?.revert();
    expect((await domain.status()).state).toBe('running');
    await made.delete();
    expect(await domain.findSnapshot('before')).toBeUndefined();
  });

  test('pools, volumes and networks are described', async () => {
    await using connection = await openConnection(mock);
    const pool = await connection.findStoragePool({ name: 'default-pool' });
    const volume = await pool?.createVolume('<volume><name>disk</name><capacity>1048576</capacity></volume>');
    expect(await volume?.info()).toEqual({ type: 'file', capacity: 1_048_576n, allocation: 1_048_576n });
    expect((await connection.findVolumeByPath(volume?.path ?? ''))?.name).toBe('disk');
    expect((await pool?.volumes())?.map(({ name }) => name)).toEqual(['disk']);
    await volume?.delete();
    expect(await pool?.findVolume('disk')).toBeUndefined();

    expect((await connection.networks()).map(({ name }) => name)).toEqual(['default']);
    expect(await connection.findNetwork('none')).toBeUndefined();
    expect(await (await testDomain(connection)).interfaces('lease')).toEqual([
      expect.objectContaining({ mac: 'aa:bb:cc:dd:ee:ff' }),
    ]);
  });
});

describe('errors', () => {
  test("carry libvirt's code, domain and words", async () => {
    await using connection = await openConnection(mock);
    const domain = await testDomain(connection);

    await domain.destroy();

    await expect(domain.reboot()).rejects.toMatchObject({
      kind: 'conflict',
      code: 'LIBVIRT_WRONG_STATE',
      message: expect.stringContaining('libvirt cannot reboot domain "test": '),
      cause: { libvirtCode: VIR_ERR.OPERATION_INVALID, libvirtDomain: 20 },
    });
  });

  test.each([
    '',
    '<domain',
    '<domain/>',
    'a'.repeat(100_000),
    '<domain type="test"><name>\u0001</name></domain>',
  ])('bad XML is refused (%.20s)', async (xml) => {
    await using connection = await openConnection(mock);
    await expect(connection.defineDomain(xml)).rejects.toMatchObject({
      code: expect.stringMatching(/^LIBVIRT_/),
    });
  });

  test('each of many calls at once gets its own', async () => {
    await using connection = await openConnection(mock);
    const names = Array.from({ length: 200 }, (_, index) => `none-${index}`);
    const answers = await Promise.all([
      ...names.map((name) => connection.findDomain({ name })),
      ...names.map((name) => connection.findNetwork(name)),
    ]);
    expect(answers.every((answer) => answer === undefined)).toBe(true);

    const define = (name: string) => connection.defineDomain(domainXml(name, randomUUID()));
    await Promise.all(names.map(define));
    const failures = await Promise.allSettled(names.map(define));
    for (const [index, failure] of failures.entries()) {
      expect(failure).toMatchObject({
        reason: { message: expect.stringContaining(`domain 'none-${index}' already exists`) },
      });
    }
  });

  test('connections that fail at once each get the reason of their own', async () => {
    const sockets = Array.from({ length: 12 }, (_, index) => `/nonexistent/socket-${index}.`);
    const failures = await Promise.allSettled(
      sockets.map((socket) => openConnection(`qemu+unix:///system?socket=${socket}`)),
    );
    for (const [index, failure] of failures.entries()) {
      expect(failure).toMatchObject({
        reason: {
          code: 'LIBVIRT_NO_CONNECTION',
          cause: { message: expect.stringContaining(`socket-${index}.`) },
        },
      });
    }
  });

  test('a missing library names the packages to install', async () => {
    expect(() => loadLibrary('libvirt-missing.so.9')).toThrow(
      expect.objectContaining({
        code: 'LIBVIRT_MISSING',
        hints: [expect.stringMatching(/libvirt0.*libvirt-libs/)],
      }),
    );
    await using connection = await openConnection(mock); // the right one is found afterwards
    expect(await connection.type()).toBe('TEST');
  });
});

describe('abuse', () => {
  test('a closed connection refuses calls, its domains too, and closes again', async () => {
    const connection = await openConnection(mock);
    const domain = await testDomain(connection);
    const pending = domain.xml();
    await Promise.all([connection.close(), connection.close()]);
    await connection.close();

    expect(await pending).toContain('<name>test</name>');
    await expect(connection.domains()).rejects.toMatchObject({ code: 'LIBVIRT_CLOSED' });
    await expect(domain.status()).rejects.toMatchObject({ code: 'LIBVIRT_CLOSED' });
    await domain[Symbol.asyncDispose]();
  });

  test('a freed domain refuses calls, and is freed once', async () => {
    await using connection = await openConnection(mock);
    const domain = await testDomain(connection);
    await domain[Symbol.asyncDispose]();
    await domain[Symbol.asyncDispose]();

    await expect(domain.status()).rejects.toMatchObject({ code: 'LIBVIRT_CLOSED' });
    expect(await connection.domains()).toHaveLength(1);
  });

  test('a thousand handles and many connections are no burden', async () => {
    await using connection = await openConnection(mock);
    for (let round = 0; round < 20; round++) {
      await Promise.all(Array.from({ length: 50 }, () => testDomain(connection)));
    }
    const others = await Promise.all(Array.from({ length: 50 }, () => openConnection(mock)));
    await Promise.all(others.map((other) => other.close()));
    expect(await connection.type()).toBe('TEST');
  });
});

describe('a daemon that does not answer', () => {
  test('is given up at the deadline, without holding up the event loop', async () => {
    await using daemon = await silentDaemon();
    let ticks = 0;
    const timer = setInterval(() => ticks++, 10);
    const opening = openConnection(daemon.uri, { timeoutMs: 300 });

    await expect(opening).rejects.toMatchObject({ kind: 'deadline-exceeded', code: 'LIBVIRT_TIMEOUT' });
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(10);
  });

  test("is given up when the signal is aborted, with the signal's reason", async () => {
    await using daemon = await silentDaemon();
    const abort = new AbortController();
    const opening = openConnection(daemon.uri, { signal: abort.signal });
    await daemon.connected;
    abort.abort(new Error('enough'));

    await expect(opening).rejects.toThrow('enough');
    await expect(openConnection(daemon.uri, { signal: abort.signal })).rejects.toThrow('enough');
  });
});

async function testDomain(connection: Connection): Promise<Domain> {
  const domain = await connection.findDomain({ name: 'test' });
  if (!domain) throw new Error('the test driver has no domain "test"');
  return domain;
}

/** Accepts connections and says nothing; at its disposal it hangs up, so that no call is left behind. */
async function silentDaemon(): Promise<{ uri: string; connected: Promise<void> } & AsyncDisposable> {
  const directory = await temporaryDirectory();
  const sockets: Socket[] = [];
  const { promise: connected, resolve } = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    sockets.push(socket);
    resolve();
  });
  const path = join(directory.path, 'sock');
  await new Promise<void>((listening) => server.listen(path, listening));
  return {
    uri: `qemu+unix:///system?socket=${path}`,
    connected,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
      await directory[Symbol.asyncDispose]();
    },
  };
}

function domainXml(name: string, uuid?: string): string {
  return `<domain type="test"><name>${name}</name>${uuid === undefined ? '' : `<uuid>${uuid}</uuid>`}
    <memory>65536</memory><vcpu>1</vcpu><os><type>hvm</type></os></domain>`;
}
