import { createServer } from 'node:net';
import { type HostPort, SocketHostPorts } from '../../../../src/agent/network/host-ports.js';
import { PortAllocator, type PortClaim } from '../../../../src/agent/network/port-allocator.js';

const endpoint = { containerName: 'web', endpointId: 'e1' };

function claim(hostPort: number, more: Partial<PortClaim> = {}): PortClaim {
  return { protocol: 'tcp', containerPort: 80, hostAddresses: ['0.0.0.0'], hostPort, ...more };
}

function allocator(busy: readonly number[] = []): {
  take: (asked: PortClaim) => Promise<number | undefined>;
  ports: PortAllocator;
} {
  const ports = new PortAllocator({
    take: async ({ port }) => (busy.includes(port) ? 'address already in use' : undefined),
    release: () => {},
  });
  return { ports, take: async (asked) => (await ports.take(asked, endpoint, '10.0.0.2'))[0]?.hostPort };
}

describe('PortAllocator.take()', () => {
  test('refuses a port that is taken on the same or on all addresses, in the words of Docker', async () => {
    const { take } = allocator();
    await take(claim(80, { hostAddresses: ['127.0.0.1'] }));

    await expect(take(claim(80))).rejects.toThrow(
      'driver failed programming external connectivity on endpoint web (e1): ' +
        'Bind for 0.0.0.0:80 failed: port is already allocated',
    );
    await expect(take(claim(80, { hostAddresses: ['127.0.0.1'] }))).rejects.toThrow(
      'port is already allocated',
    );
  });

  test('gives one port to different addresses, protocols and families', async () => {
    const { take } = allocator();

    await take(claim(80, { hostAddresses: ['127.0.0.1'] }));
    await take(claim(80, { hostAddresses: ['10.0.0.1'] }));
    await take(claim(80, { hostAddresses: ['::'] }));
    await take(claim(80, { protocol: 'udp' }));
  });

  test('refuses a port on which the host listens, and holds nothing then', async () => {
    const busy = [80];
    const { take } = allocator(busy);

    await expect(take(claim(80))).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: expect.stringMatching(
        /: failed to bind host port for 0\.0\.0\.0:80:10\.0\.0\.2:80\/tcp: address already in use$/,
      ),
    });
    busy.pop();
    expect(await take(claim(80))).toBe(80);
  });

  test('goes through a range, past what is taken here or on the host', async () => {
    const { take } = allocator([8001]);
    const range = claim(8000, { lastHostPort: 8002 });

    expect(await take(range)).toBe(8000);
    expect(await take(range)).toBe(8002);
    await expect(take(range)).rejects.toThrow('address already in use');
  });

  test('chooses different ports of the ephemeral range, also at once', async () => {
    const { take } = allocator([49154]);
    const ports = await Promise.all([take(claim(0)), take(claim(0)), take(claim(0))]);

    expect(ports.toSorted()).toEqual([49153, 49155, 49156]);
  });

  test('gives both families the same port', async () => {
    const { ports } = allocator();
    ports.hold({ protocol: 'tcp', containerPort: 1, hostAddress: '::', hostPort: 49153 });

    const bindings = await ports.take(claim(0, { hostAddresses: ['0.0.0.0', '::'] }), endpoint, '10.0.0.2');

    expect(bindings.map((one) => `${one.hostAddress} ${one.hostPort}`)).toEqual([
      '0.0.0.0 49154',
      ':: 49154',
    ]);
  });

  test('gives a released port again', async () => {
    const { take, ports } = allocator();
    const [binding] = await ports.take(claim(80), endpoint, '10.0.0.2');
    if (binding) ports.release(binding);

    expect(await take(claim(80))).toBe(80);
  });
});

describe('SocketHostPorts', () => {
  const host = new SocketHostPorts();
  const listen = async ({ port, address }: HostPort) => {
    const server = createServer();
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    server.once('error', reject);
    server.listen(port, address, () => {
      const bound = server.address();
      if (typeof bound === 'object' && bound) resolve(bound.port);
    });
    return { port: await promise, close: () => new Promise((done) => server.close(done)) };
  };

  test('take() answers the words of the kernel for a port on which a program listens', async () => {
    const { port, close } = await listen({ protocol: 'tcp', address: '127.0.0.1', port: 0 });
    const all: HostPort = { protocol: 'tcp', address: '0.0.0.0', port };

    expect(await host.take(all)).toBe('address already in use');
    await close();
    expect(await host.take(all)).toBeUndefined();
    host.release(all);
  });

  test('take() keeps the port from other programs until it is released, and can be had again at once', async () => {
    const { port, close } = await listen({ protocol: 'tcp', address: '127.0.0.1', port: 0 });
    await close();
    const taken: HostPort = { protocol: 'tcp', address: '0.0.0.0', port };
    await host.take(taken);

    await expect(listen(taken)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    host.release(taken);
    expect(await host.take(taken)).toBeUndefined();
    host.release(taken);
    await (await listen(taken)).close();
  });

  test('take() answers that the host has no such address', async () => {
    const words = 'cannot assign requested address';

    expect(await host.take({ protocol: 'tcp', address: '198.51.100.7', port: 8080 })).toBe(words);
    expect(await host.take({ protocol: 'udp', address: '198.51.100.7', port: 8080 })).toBe(words);
  });
});
