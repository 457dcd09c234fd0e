/**
 * Traffic of containers: servers in them, and clients on the three ways there. Everything stays between this machine and
 * its sandboxes. The programs are Debian's (scripts/setup bench); containers see them through bind mounts.
 */
import { access } from 'node:fs/promises';
import { rowOfBoth } from './both-engines.mjs';
import { command } from './command.mjs';
import { removeContainer, startContainer } from './containers.mjs';

const seconds = 3;
const programs = ['/usr/bin/iperf3', '/usr/bin/wrk', '/usr/sbin/nginx', '/usr/bin/dnsperf'];

/** This machine's programs and libraries, read-only. */
const binds = [
  '/usr:/usr:ro',
  '/usr/lib:/lib:ro',
  '/usr/lib64:/lib64:ro',
  '/etc/passwd:/etc/passwd:ro',
  '/etc/group:/etc/group:ro',
];

const httpServer = `daemon off; user root; worker_processes 1; pid /tmp/pid;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 10000000;
  client_body_temp_path /tmp/a; proxy_temp_path /tmp/b; fastcgi_temp_path /tmp/c; uwsgi_temp_path /tmp/d; scgi_temp_path /tmp/e;
  server { listen 80; location / { return 200 "ok\\n"; } }
}`;

/** Where clients are: on this machine, beyond the host's network; on the host; in another container. */
export const ways = {
  outside: ({ address }) => ({ address, run: (argv) => command(argv) }),
  loopback: ({ shell }) => ({ address: '127.0.0.1', run: (argv) => shell(quoted(argv)) }),
};

/** A container that serves HTTP on port 80 and iperf3 on 5201, both published under these numbers plus 20000. */
export async function startServer(engine, hostConfig = {}, more = {}) {
  await requirePrograms();
  const script =
    'printf %s "$CONF" >/tmp/conf; /usr/bin/iperf3 -s & exec /usr/sbin/nginx -p /tmp -c /tmp/conf -e /dev/null';
  const ports = { '80/tcp': [{ HostPort: '20080' }], '5201/tcp': [{ HostPort: '25201' }] };
  return startContainer(engine, ['sh', '-c', script], {
    ...more,
    Env: [`CONF=${httpServer}`],
    ExposedPorts: { '80/tcp': {}, '5201/tcp': {} },
    HostConfig: { Binds: binds, PortBindings: ports, ...hostConfig },
  });
}

/** A container that can run those programs with `inContainer`. */
export async function startClient(engine, hostConfig = {}, more = {}) {
  await requirePrograms();
  return startContainer(engine, ['sleep', '3600'], {
    ...more,
    Env: ['PATH=/bin:/usr/bin'],
    HostConfig: { Binds: binds, ...hostConfig },
  });
}

export function inContainer({ dockerEnv }, id, argv) {
  return command(['docker', 'exec', id, ...argv], { env: dockerEnv });
}

/** Gbit/s of one TCP connection to the server. */
export async function throughput(run, address, port) {
  const text = await retried(() =>
    run(['iperf3', '-c', address, '-p', String(port), '-t', String(seconds), '-J']),
  );
  return JSON.parse(text).end.sum_received.bits_per_second / 1e9;
}

/** Requests a second, over kept connections or each over a new one. */
export async function requests(run, address, port, { close }) {
  const headers = close ? ['-H', 'Connection: close'] : [];
  const url = `http://${address}:${port}/`;
  const argv = ['wrk', '-t', '1', '-c', '32', '-d', `${seconds}s`, ...headers, url];
  const text = await retried(() => run(argv));
  const count = Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]);
  if (!(count > 0) || /Non-2xx/.test(text)) throw new Error(`wrk says: ${text}`);
  return count;
}

/** A row that measures the server of each engine; `sample(engine)` takes one sample. */
export function serverRow({ sample, ...row }) {
  return rowOfBoth({
    ...row,
    async start(engine) {
      const server = await startServer(engine);
      return { sample: () => sample(engine), end: () => removeContainer(engine, server) };
    },
  });
}

/** The server may not listen yet. */
async function retried(work) {
  for (let left = 50; ; left--) {
    try {
      return await work();
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function requirePrograms() {
  for (const program of programs) {
    await access(program).catch(() => {
      throw new Error(`${program} is missing: run scripts/setup bench`);
    });
  }
}

function quoted(argv) {
  return argv.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
}
