import { createServer } from 'node:net';
import { PortAllocator, type PortClaim } from '../../../../src/agent/network/port-allocator.js';
import { probePort } from '../../../../src/agent/network/port-probe.js';

const endpoint = { containerName: 'web', endpointId: 'e1' };

function claim(hostPort: number, more: Partial<PortClaim> = {}): PortClaim {
  return { protocol: 'tcp', containerPort: 80, hostAddresses: ['0.0.0.0'], hostPort, ...more };
}

function allocator(busy: readonly number[] = []): {
  take: (asked: PortClaim) => Promise<number | undefined>;
  ports: PortAllocator;
} {
  const ports = new PortAllocator(async ({ port }) =>
    busy.includes(port) ? 'address already in use' : undefined,
  );
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

describe('probePort()', () => {
  test('answers the words of the kernel for a port on which a program listens', async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve, reject) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        if (typeof address === 'object' && address) resolve(address.port);
        else reject(new Error('no port'));
      });
    });

    expect(await probePort({ protocol: 'tcp', address: '0.0.0.0', port })).toBe('address already in use');
    await new Promise((resolve) => server.close(resolve));
    expect(await probePort({ protocol: 'tcp', address: '0.0.0.0', port })).toBeUndefined();
  });

  test('answers that the host has no such address', async () => {
    const words = 'cannot assign requested address';

    expect(await probePort({ protocol: 'tcp', address: '198.51.100.7', port: 8080 })).toBe(words);
    expect(await probePort({ protocol: 'udp', address: '198.51.100.7', port: 8080 })).toBe(words);
  });
});
