import { planForwards } from '../../../src/cli/forward-plan.js';
import { publishedPorts } from '../../../src/machine/forward/published-ports.js';

const around = { storage: '/nowhere', environment: {} };

test('ports belong to the machine before them', () => {
  expect(planForwards(['web', '8080:80', '5432', 'db', '3306/tcp'], false, around)).toEqual([
    {
      machine: 'web',
      ports: [
        { local: 8080, remote: 80 },
        { local: 5432, remote: 5432 },
      ],
    },
    { machine: 'db', ports: [{ local: 3306, remote: 3306 }] },
  ]);
  expect(planForwards(['web', 'db', 'web'], true, around)).toEqual([
    { machine: 'web', ports: undefined },
    { machine: 'db', ports: undefined },
  ]);
});

test.each([
  [['web', '53/udp'], 'SSH carries TCP, not udp'],
  [['web', '0:80'], 'a port is 1 to 65535'],
  [['web', '80:'], 'they are no numbers'],
  [['web'], 'the port of "web" is missing'],
  [[], 'the port is missing'],
])('%j is refused', (words, message) => {
  expect(() => planForwards(words, false, around)).toThrow(message);
});

test('a port that is published on several addresses is one, reached by the machine’s loopback', () => {
  const port = (IP: string, PublicPort: number, Type = 'tcp') => ({ IP, PrivatePort: 80, PublicPort, Type });
  const container = {
    ...{ Id: 'abc', Names: ['/web'], Image: '', ImageID: '', Command: '', Created: 0, State: '', Status: '' },
    Ports: [port('0.0.0.0', 8080), port('::', 8080), port('10.0.0.1', 81), port('0.0.0.0', 53, 'udp')],
  };
  const inside = { ...container, Ports: [{ PrivatePort: 80, Type: 'tcp' }] };

  expect(publishedPorts([container, inside])).toEqual([
    { port: 8080, protocol: 'tcp', target: { host: '127.0.0.1', port: 8080 }, container: 'web' },
    { port: 81, protocol: 'tcp', target: { host: '10.0.0.1', port: 81 }, container: 'web' },
    { port: 53, protocol: 'udp', target: { host: '127.0.0.1', port: 53 }, container: 'web' },
  ]);
});
