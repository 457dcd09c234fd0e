/**
 * podman's service as Debian ships it, on a host like ours. It has no TLS, so its client speaks plain HTTP, which spares it
 * what the other two pay.
 */
import { access } from 'node:fs/promises';
import { command } from '../command.mjs';
import { connectEngine } from '../engine.mjs';
import { restartScript, startScript } from './service.mjs';
import { stopAgent } from './stop-agent.mjs';

const host = 'bench-podman';
const port = 2375;

/** No daemon keeps containers: each has its monitor, and what the service starts ends with its work. */
const processes = ['podman', 'conmon', 'crun', 'netavark', 'aardvark-dns'];

export async function startPodman(hosts) {
  await installPodman();
  await hosts.create(host);
  await stopAgent(hosts, host);
  await startService(hosts);
  return connectEngine(hosts, {
    host,
    port,
    tls: false,
    processes,
    restart: () => hosts.shell(host, restartScript(service)),
  });
}

/** A sandbox sees this machine's programs, so it is installed once, here. No service is started by it. */
async function installPodman() {
  const present = await Promise.all(['/usr/bin/podman', '/usr/lib/podman/netavark'].map(exists));
  if (present.every(Boolean)) return;
  process.stderr.write('› apt-get install podman netavark\n');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  await command(['apt-get', 'update', '-qq'], { env });
  const packages = ['podman', 'netavark', 'crun', 'conmon'];
  await command(['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages], { env });
}

async function exists(path) {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** The one place of a sandbox on which overlayfs takes an upper layer is /var/lib/tsmachine. */
const directory = '/var/lib/tsmachine/podman-engine';

const program = [
  `podman --root ${directory}/data --runroot /run/podman-engine --storage-driver overlay`,
  '--cgroup-manager cgroupfs --events-backend file --runtime crun',
  `system service --time 0 tcp://0.0.0.0:${port}`,
].join(' ');

const service = {
  directory,
  ready: `curl -sf http://127.0.0.1:${port}/v1.41/containers/json`,
  pidFile: '/run/podman-engine.pid',
  log: '/var/log/podman-engine.log',
};

async function startService(hosts) {
  const start = `setsid ${program} </dev/null >>${service.log} 2>&1 &
echo $! >${service.pidFile}`;
  await hosts.shell(
    host,
    `set -e
mkdir -p ${directory}
cat >${directory}/start <<'END'
${start}
END
${startScript(service)}`,
  );
}
