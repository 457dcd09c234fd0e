/** The agent, as `tsmachine create` puts it on a host. */
import { connectEngine } from '../engine.mjs';

const host = 'bench-ours';

/** The agent runs in Node, whose main thread has either name; `conmon` is each container's monitor. */
const processes = ['node', 'MainThread', 'conmon', 'crun'];

export async function startOurs(hosts) {
  await hosts.create(host);
  return connectEngine(hosts, { host, port: 2376, processes, restart: () => restartAgent(hosts) });
}

/** Containers live on. Returns when the API has listed them. */
async function restartAgent(hosts) {
  await hosts.shell(
    host,
    `/opt/tsmachine/bin/supervise restart
until docker -H unix:///run/tsmachine/docker.sock ps -q >/dev/null 2>&1; do sleep 0.01; done`,
  );
}
