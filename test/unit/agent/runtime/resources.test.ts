import { buildResources } from '../../../../src/agent/runtime/spec/resources.js';
import type { HostFacts, RunResources } from '../../../../src/agent/runtime/spec/run-spec.js';

const able: HostFacts = {
  architecture: 'x64',
  cgroupMode: 'v1',
  capabilities: new Set(),
  hardLimits: new Map(),
  swapLimit: true,
  swappiness: true,
  oomKillDisable: true,
  blockIoWeight: true,
  blockIoThrottle: true,
  cpuRealtime: true,
  cpuset: { cpus: '0-3', mems: '0' },
  appArmor: false,
  kernelRelease: '6.1.0',
  devices: [],
};

function built(run: RunResources, host: Partial<HostFacts> = {}) {
  const warnings: string[] = [];
  const limits = buildResources(run, { ...able, ...host }, (text) => warnings.push(text));
  return { limits, warnings };
}

test('swappiness, the OOM switch and block I/O limits are passed on', () => {
  const throttle = [{ major: 8, minor: 0, rate: 1_048_576 }];
  const run = {
    memory: 2 ** 26,
    swappiness: 0,
    oomKillDisable: true,
    blockIo: { weight: 300, weightDevice: [], throttleReadBpsDevice: throttle },
  };

  expect(built(run)).toEqual({
    limits: {
      blockIO: { weight: 300, throttleReadBpsDevice: throttle },
      memory: { limit: 2 ** 26, swap: 2 ** 27, swappiness: 0, disableOOMKiller: true },
    },
    warnings: [],
  });
});

test.each([
  [{ swappiness: 10 }, { swappiness: false }, 'Memory swappiness discarded.'],
  [{ oomKillDisable: true }, { oomKillDisable: false }, 'OomKillDisable discarded.'],
  [{ blockIo: { weight: 100 } }, { blockIoWeight: false }, 'Block I/O weight discarded.'],
  [
    { blockIo: { throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 1 }] } },
    { blockIoThrottle: false },
    'Block I/O limits discarded.',
  ],
])('%j is left out with a warning where the kernel lacks it', (run, host, warning) => {
  expect(built(run, host)).toEqual({ limits: {}, warnings: [expect.stringContaining(warning)] });
});

test('a disabled OOM killer without a memory limit is warned of', () => {
  expect(built({ oomKillDisable: true }).warnings).toEqual([
    expect.stringContaining('no memory limit is set'),
  ]);
});
