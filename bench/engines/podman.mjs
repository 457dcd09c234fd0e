/**
 * podman's service as Debian ships it, on a host like ours. It has no TLS, so its client speaks plain HTTP, which spares it
 * what the other two pay.
 */
import { access } from 'node:fs/promises';
import { command } from '../command.mjs';
import { connectEngine } from '../engine.mjs';
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
  return connectEngine(hosts, { host, port, tls: false, processes, restart: () => restartService(hosts) });
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

const service = [
  `podman --root ${directory}/data --runroot /run/podman-engine --storage-driver overlay`,
  '--cgroup-manager cgroupfs --events-backend file --runtime crun',
  `system service --time 0 tcp://0.0.0.0:${port}`,
].join(' ');

const ready = `curl -sf http://127.0.0.1:${port}/v1.41/containers/json`;

async function startService(hosts) {
  const start = `setsid ${service} </dev/null >>/var/log/podman-engine.log 2>&1 &
echo $! >/run/podman-engine.pid`;
  await hosts.shell(
    host,
    `set -e
mkdir -p ${directory}
cat >${directory}/start <<'END'
${start}
END
sh ${directory}/start
for n in $(seq 300); do
  if ${ready} >/dev/null 2>&1; then exit 0; fi
  sleep 0.1
done
tail -n 20 /var/log/podman-engine.log >&2
exit 1`,
  );
}

/** Containers live on. Returns when the API has listed them. */
async function restartService(hosts) {
  await hosts.shell(
    host,
    `pid=$(cat /run/podman-engine.pid)
kill "$pid"
while kill -0 "$pid" 2>/dev/null; do sleep 0.01; done
sh ${directory}/start
until ${ready} >/dev/null 2>&1; do sleep 0.01; done`,
  );
}
