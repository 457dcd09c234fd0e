import { driverConformance } from '../../../../src/driver-conformance/index.js';
import type { AnyDriver } from '../../../../src/drivers/driver.js';
import { Ec2Driver } from '../../../../src/drivers/ec2/driver.js';
import { ec2 } from '../../../../src/drivers/ec2/index.js';
import { type Ec2Server, startEc2Server } from '../../../support/ec2/server.js';
import { optionsFor, secretsOf } from './laboratory.js';

let server: Ec2Server;
beforeAll(async () => {
  server = await startEc2Server();
});
afterAll(() => server[Symbol.asyncDispose]());

// The registry's element has forgotten the types, as `defineDriver` does.
const definition = { ...ec2, load: async () => new Ec2Driver(5) as unknown as AnyDriver };

describe.each([
  ['on demand', {}],
  ['spot', { 'request-spot-instance': true }],
])('%s', (_, changes) => {
  driverConformance(
    { describe, it: test },
    {
      definition,
      options: async () => ({ ...optionsFor(server), ...changes }),
      everything: async () => server.cloud.everything(),
      secrets: { 'access-key': 'AKIATEST', 'secret-key': 'secret-of-the-test' },
    },
  );
});

test('the secrets are those of the account', () => {
  expect(secretsOf(server)).toEqual({ 'access-key': 'AKIATEST', 'secret-key': 'secret-of-the-test' });
});
