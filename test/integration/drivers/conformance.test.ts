import { driverConformance } from '../../../src/driver-conformance/index.js';
import type { AnyDriver } from '../../../src/drivers/driver.js';
import { sandbox } from '../../../src/drivers/sandbox/index.js';
import { ssh } from '../../../src/drivers/ssh/index.js';
import { startSshd } from '../../support/sshd.js';
import { defaults, type TestSite, testSite, traces } from './support/sandboxes.js';

const runner = { describe, it: test };

let site: TestSite | undefined;
beforeAll(async () => {
  site = await testSite('10.186.0.0/24');
});
afterAll(() => site?.[Symbol.asyncDispose]());

driverConformance(runner, {
  definition: {
    ...sandbox,
    // The registry's element has forgotten the types, as `defineDriver` does.
    load: async () => site?.driver as unknown as AnyDriver,
  },
  options: async () => ({ ...defaults }),
  everything: () => traces(site ? [site.site.bridge, site.site.nftTable, site.site.cgroup] : []),
});

describe('with a real sshd', () => {
  let sshd: Awaited<ReturnType<typeof startSshd>> | undefined;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd?.[Symbol.asyncDispose]());

  driverConformance(runner, {
    definition: ssh,
    options: async () => ({
      'ssh-host': '127.0.0.1',
      'ssh-user': 'root',
      'ssh-port': sshd?.port,
      'ssh-key': sshd?.identityFile,
      'ssh-engine-port': 2376,
    }),
    everything: async () => [],
  });
});
