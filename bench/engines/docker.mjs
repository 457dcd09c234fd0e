/** Docker Engine as Debian ships it, on a host like ours, with the same certificates. */
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { command } from '../command.mjs';
import { connectEngine } from '../engine.mjs';
import { restartScript, startScript } from './service.mjs';
import { stopAgent } from './stop-agent.mjs';

const host = 'bench-docker';
const port = 2376;

const processes = ['dockerd', 'containerd', 'containerd-shim', 'docker-proxy', 'runc'];

export async function startDocker(hosts) {
  await installDocker();
  await hosts.create(host);
  await stopAgent(hosts, host);
  await startDaemon(hosts);
  return connectEngine(hosts, {
    host,
    port,
    processes,
    restart: () => hosts.shell(host, restartScript(service)),
  });
}

/** A sandbox sees this machine's programs, so it is installed once, here. No service is started by it. */
async function installDocker() {
  const present = await Promise.all(['/usr/sbin/dockerd', '/usr/sbin/runc', '/usr/bin/docker'].map(exists));
  if (present.every(Boolean)) return;
  process.stderr.write('› apt-get install docker.io runc\n');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  await command(['apt-get', 'update', '-qq'], { env });
  await command(['apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'docker.io', 'runc'], { env });
}

async function exists(path) {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** The one place of a sandbox on which overlayfs takes an upper layer is /var/lib/tsmachine. */
const directory = '/var/lib/tsmachine/docker-engine';

const service = {
  directory,
  ready: 'docker -H unix:///run/docker-engine.sock ps -q',
  pidFile: '/run/docker-engine.pid',
  log: '/var/log/docker-engine.log',
};

async function startDaemon(hosts) {
  const files = { ca: 'ca.pem', certificate: 'server.pem', key: 'server-key.pem' };
  const writes = await Promise.all(
    Object.values(files).map(async (file) => {
      const text = await readFile(join(hosts.certificates(host), file), 'utf8');
      return `cat >${directory}/${file} <<'END'\n${text.trim()}\nEND`;
    }),
  );
  const daemon = [
    'dockerd',
    `--data-root ${directory}/data --exec-root /run/docker-engine --pidfile ${service.pidFile}`,
    `--host unix:///run/docker-engine.sock --host tcp://0.0.0.0:${port} --tlsverify`,
    '--live-restore',
    `--tlscacert ${directory}/${files.ca} --tlscert ${directory}/${files.certificate} --tlskey ${directory}/${files.key}`,
  ].join(' ');
  const start = `setsid ${daemon} </dev/null >>${service.log} 2>&1 &`;
  await hosts.shell(host, `mkdir -p ${directory} && cat >${directory}/start <<'END'\n${start}\nEND`);
  await hosts.shell(
    host,
    `set -e
umask 077
mkdir -p ${directory}
${writes.join('\n')}
${startScript(service)}`,
  );
}
