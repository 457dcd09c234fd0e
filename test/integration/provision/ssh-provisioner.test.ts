import type { ProvisionTarget } from '../../../src/provision/provisioner.js';
import { SshProvisioner } from '../../../src/provision/ssh-provisioner.js';
import { silentReporter } from '../../../src/shared/reporter.js';
import { waitUntil } from '../../../src/shared/wait-until.js';
import type { SshConnection } from '../../../src/ssh/transport.js';
import { type FakeBundleOptions, fakeBundle } from './fake-bundle.js';
import { type Limits, type LocalHost, startLocalHost } from './local-host.js';

const target: ProvisionTarget = {
  machineName: 'web',
  tls: { ca: 'the authority\n', serverCertificate: 'the certificate\n', serverKey: "the 'secret' key\n" },
  port: 2376,
  labels: ['zone=a'],
  insecureRegistries: [],
  registryMirrors: [],
};

function provision(
  connection: SshConnection,
  to: Partial<ProvisionTarget> = {},
  bundle: FakeBundleOptions = {},
) {
  const provisioner = new SshProvisioner({
    loadBundle: async () => fakeBundle(bundle),
    startTimeoutMs: 2000,
  });
  const context = { signal: new AbortController().signal, reporter: silentReporter };
  return provisioner.provision(connection, { ...target, ...to }, context);
}

const everything = ['Sending Node', 'Sending the agent', 'Installing certificates', 'Starting the agent'];

describe('SshProvisioner', () => {
  let host: LocalHost;
  beforeEach(async () => {
    host = await startLocalHost();
  });
  afterEach(async () => {
    await host[Symbol.asyncDispose]();
  });

  it('makes a host serve the agent', async () => {
    const result = await provision(host.connect());

    expect(result).toMatchObject({ operatingSystem: expect.stringContaining('Debian'), applied: everything });
    expect(await host.exec('cat /etc/tsmachine/tls/server-key.pem')).toBe("the 'secret' key");
    expect(await host.exec('stat -c %a /etc/tsmachine/tls/server-key.pem')).toBe('600');
    expect(JSON.parse(await host.exec('cat /etc/tsmachine/agent.json'))).toMatchObject({
      listen: { host: '::', port: 2376 },
      labels: ['zone=a'],
    });
    expect(await host.exec('/opt/tsmachine/bin/tsmachine-agent ping; echo $?')).toBe('0');
  });

  it('sends nothing and runs one command when all is there', async () => {
    await provision(host.connect());
    const connection = host.connect();

    const result = await provision(connection);

    expect(result.applied).toEqual([]);
    expect(connection.commands).toHaveLength(1);
    expect(await host.exec('cat /run/tsmachine/events')).toBe('start first');
  });

  it('never puts a secret into a command', async () => {
    const connection = host.connect();

    await provision(connection);

    expect(connection.commands.join('\n')).not.toContain('secret');
  });

  it('has new certificates read without a restart', async () => {
    await provision(host.connect());

    const { applied } = await provision(host.connect(), { tls: { ...target.tls, ca: 'another\n' } });

    expect(applied).toEqual(['Installing certificates']);
    await eventually(() => host.exec('cat /run/tsmachine/events'), 'start first\nreload');
  });

  it('restarts the agent for a new configuration', async () => {
    await provision(host.connect());

    const { applied } = await provision(host.connect(), { labels: ['zone=b'] });

    expect(applied).toEqual(['Starting the agent']);
    expect(await host.exec('cat /run/tsmachine/events')).toBe('start first\nstart first');
  });

  it('replaces the agent by another version and removes the old one', async () => {
    await provision(host.connect());

    const { applied } = await provision(host.connect(), {}, { agent: 'second' });

    expect(applied).toEqual(['Sending the agent', 'Starting the agent', 'Removing old versions']);
    expect(await host.exec('cat /run/tsmachine/events')).toBe('start first\nstart second');
    expect(await host.exec('ls /opt/tsmachine/agent | wc -l')).toBe('1');
  });

  it('starts an agent that is not running', async () => {
    await provision(host.connect());
    await host.exec('/opt/tsmachine/bin/supervise stop');

    expect((await provision(host.connect())).applied).toEqual(['Starting the agent']);
  });

  it('puts back what somebody changed', async () => {
    await provision(host.connect());
    await host.exec('echo mine >/etc/tsmachine/agent.json; rm /etc/tsmachine/tls/ca.pem');

    expect((await provision(host.connect())).applied).toEqual([
      'Installing certificates',
      'Starting the agent',
    ]);
    expect((await provision(host.connect())).applied).toEqual([]);
  });

  it('throws TRANSFER_DAMAGED and shows nothing of a program that is not what it should be', async () => {
    await expect(provision(host.connect(), {}, { claimed: 'something else' })).rejects.toMatchObject({
      code: 'TRANSFER_DAMAGED',
    });

    expect(await host.exec('ls -A /opt/tsmachine/node')).toBe('');
  });

  it('throws NO_SPACE before it sends anything', async () => {
    const connection = host.connect();

    await expect(provision(connection, {}, { size: 2 ** 40 })).rejects.toMatchObject({ code: 'NO_SPACE' });

    expect(connection.commands).toHaveLength(1);
  });

  it('throws NO_SPACE when the space ends during the transfer', async () => {
    await host.exec(
      'mkdir -p /opt/tsmachine/node; mount -t tmpfs -o size=4k,nr_inodes=2 tmpfs /opt/tsmachine/node',
    );

    await expect(provision(host.connect())).rejects.toMatchObject({ code: 'NO_SPACE' });
  });

  it('throws AGENT_NOT_STARTED with its last words', async () => {
    await expect(provision(host.connect(), {}, { agent: 'broken' })).rejects.toMatchObject({
      code: 'AGENT_NOT_STARTED',
      message: expect.stringContaining('cannot serve: broken'),
    });
    expect((await provision(host.connect(), {}, { agent: 'mended' })).applied).toContain(
      'Starting the agent',
    );
  });

  describe('without root', () => {
    const pretendUser = `echo 'case $1 in -u) echo 1000 ;; *) echo joe ;; esac' >/usr/local/bin/id; chmod 755 /usr/local/bin/id`;

    it('throws SUDO_REQUIRED where sudo asks for a password', async () => {
      await host.exec(pretendUser);
      await host.exec(`printf '#!/bin/sh\\nexit 1\\n' >/usr/local/bin/sudo; chmod 755 /usr/local/bin/sudo`);

      await expect(provision(host.connect())).rejects.toMatchObject({
        code: 'SUDO_REQUIRED',
        message: expect.stringContaining('"joe"'),
      });
    });

    it('does everything through sudo, which must not ask', async () => {
      await host.exec(pretendUser);
      await host.exec(
        `printf '#!/bin/sh\\n[ "$1" = -n ] || exit 1\\nshift\\nexec "$@"\\n' >/usr/local/bin/sudo; chmod 755 /usr/local/bin/sudo`,
      );
      const connection = host.connect();

      expect((await provision(connection)).applied).toEqual(everything);

      expect(connection.commands.filter((command) => !command.includes('sudo -n'))).toEqual([]);
    });
  });

  describe('packages', () => {
    beforeEach(() => host.exec('rm -f /usr/bin/crun /usr/local/bin/crun'));

    const fakeApt = (install: string) =>
      host.exec(
        `printf '%s\\n' '#!/bin/sh' 'echo "$@" >>/run/apt' 'case "$*" in *install*) ${install} ;; esac' >/usr/local/bin/apt-get; chmod 755 /usr/local/bin/apt-get`,
      );

    it('are installed when a command is missing', async () => {
      await fakeApt('cp /bin/true /usr/local/bin/crun');

      expect((await provision(host.connect())).applied).toEqual(['Installing packages', ...everything]);

      expect(await host.exec('tail -n 1 /run/apt')).toMatch(/ install .*crun$/);
    });

    it('throw PACKAGES_FAILED with the last words', async () => {
      await fakeApt('echo "E: no such package" >&2; exit 100');

      await expect(provision(host.connect())).rejects.toMatchObject({
        code: 'PACKAGES_FAILED',
        message: expect.stringContaining('E: no such package'),
      });
    });

    it('wait for another package manager that reads its lists', async () => {
      await fakeApt('cp /bin/true /usr/local/bin/crun');
      await host.exec(
        `sed -i '2i case "$*" in *update*) [ -e /run/second ] || { touch /run/second; echo "E: Could not get lock /var/lib/apt/lists/lock" >\\&2; exit 100; } ;; esac' /usr/local/bin/apt-get`,
      );

      expect((await provision(host.connect())).applied).toContain('Installing packages');
    });

    it('throw OS_NOT_SUPPORTED on an unknown distribution, naming what is missing', async () => {
      await host.exec(`rm /etc/os-release; printf 'ID=odd\\nPRETTY_NAME="Odd 1"\\n' >/etc/os-release`);

      await expect(provision(host.connect())).rejects.toMatchObject({
        code: 'OS_NOT_SUPPORTED',
        hints: [expect.stringContaining('crun')],
      });
    });

    it.each(['4.18.0-553.el8.x86_64', '5.4.0-190-generic'])(
      'throw KERNEL_TOO_OLD on Linux %s',
      async (release) => {
        await host.exec(
          `printf '#!/bin/sh\n[ "$1" = -r ] && echo ${release} || exec /bin/uname "$@"\n' >/usr/local/bin/uname; chmod 755 /usr/local/bin/uname`,
        );

        await expect(provision(host.connect())).rejects.toMatchObject({
          code: 'KERNEL_TOO_OLD',
          message: expect.stringContaining(`Linux ${release}`),
        });
        expect(await host.exec('ls -A /opt')).toBe('');
      },
    );
  });

  describe('docker shim', () => {
    it('is not put over a docker that is there', async () => {
      await host.exec('echo theirs >/usr/local/bin/docker; chmod 755 /usr/local/bin/docker');

      await provision(host.connect());

      expect(await host.exec('cat /usr/local/bin/docker')).toBe('theirs');
    });

    it('serves dial-stdio and nothing else', async () => {
      await host.exec('rm -f /usr/local/bin/docker /usr/bin/docker');

      await provision(host.connect());

      expect(await host.exec('docker system dial-stdio')).toBe('dial-stdio served');
      await expect(host.exec('docker ps')).rejects.toThrow(/tsmachine/);
      expect((await provision(host.connect())).applied).toEqual([]);
    });
  });

  describe('supervisor', () => {
    beforeEach(() => provision(host.connect()));

    it('starts an agent again that was killed', async () => {
      await host.exec('kill -9 $(cat /run/tsmachine/serving)');

      await eventually(() => host.exec('cat /run/tsmachine/events'), 'start first\nstart first');
    });

    it('is started at boot by local.d, once', async () => {
      await host.exec('/opt/tsmachine/bin/supervise stop; /etc/local.d/tsmachine-agent.start');
      await eventually(() => host.exec('cat /run/tsmachine/events'), 'start first\nstart first');

      await host.exec('/etc/local.d/tsmachine-agent.start');

      expect(await host.exec('cat /run/tsmachine/events')).toBe('start first\nstart first');
    });

    it('ends with the agent', async () => {
      await host.exec('/opt/tsmachine/bin/supervise stop');

      await expect(host.exec('kill -0 $(cat /run/tsmachine/serving)')).rejects.toThrow();
    });
  });

  describe('finishes what a broken connection left', () => {
    const breaks = [0, 1, 2, 3, 4, 5].flatMap((breakAt) =>
      (['half of the input', 'the work'] as const).map((after): Limits => ({ breakAt, after })),
    );

    it.each(breaks)('in command $breakAt after $after', async (limits) => {
      await provision(host.connect(limits)).catch((error) => expect(error.code).toBe('SSH_CONNECTION_LOST'));

      await provision(host.connect());

      expect(await host.exec('/opt/tsmachine/bin/tsmachine-agent ping; echo $?')).toBe('0');
      expect((await provision(host.connect())).applied).toEqual([]);
      expect(await host.exec('find /opt /etc/tsmachine -name "*.incoming" -o -name "*.new"')).toBe('');
    });

    it.each([1, 2, 3])('also when certificates change, in command %i', async (breakAt) => {
      await provision(host.connect());
      const tls = { ...target.tls, ca: 'another\n' };

      await provision(host.connect({ breakAt, after: 'the work' }), { tls }).catch(() => {});
      await provision(host.connect(), { tls });

      // By a signal or by a restart: the agent has read them after they were written.
      await eventually(
        async () => (await host.exec('cat /run/tsmachine/events')).split('\n').length > 1,
        true,
      );
    });
  });
});

async function eventually<T>(probe: () => Promise<T>, expected: T): Promise<void> {
  let seen: T | undefined;
  await waitUntil(
    async () => {
      seen = await probe();
      return seen === expected || undefined;
    },
    { what: String(expected), timeoutMs: 30_000, intervalMs: 20, lastSeen: () => String(seen) },
  );
}
