import { parseHostFacts } from '../../../src/provision/host-facts.js';

const digest = 'a'.repeat(64);

test('parseHostFacts() reads what the probe prints', () => {
  const facts = parseHostFacts(
    [
      'as-root=yes',
      'system=Linux',
      'machine=aarch64',
      'kernel=6.1.0-9-arm64',
      'os=ID=debian',
      'os=PRETTY_NAME="Debian 12"',
      'command=crun',
      'command=docker',
      'service=systemd',
      'program=/opt/tsmachine/node/0123',
      `file=${digest}  /etc/tsmachine/agent.json`,
      'free-programs=1000',
      'free-data=2000',
      'serving=yes',
      '',
    ].join('\n'),
  );

  expect(facts).toEqual({
    system: 'Linux',
    machine: 'aarch64',
    kernel: '6.1.0-9-arm64',
    os: { id: 'debian', like: [], prettyName: 'Debian 12' },
    commands: new Set(['crun', 'docker']),
    musl: false,
    serviceManager: 'systemd',
    programs: new Set(['/opt/tsmachine/node/0123']),
    files: new Map([['/etc/tsmachine/agent.json', digest]]),
    freePrograms: 1_024_000,
    freeData: 2_048_000,
    serving: true,
    restartNeeded: false,
  });
});

test('parseHostFacts() falls back to our supervisor', () => {
  expect(parseHostFacts('service=runit\n').serviceManager).toBe('supervised');
});
