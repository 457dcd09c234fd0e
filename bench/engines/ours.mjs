/** The agent, as `tsmachine create` puts it on a host. */
import { connectEngine } from '../engine.mjs';

const host = 'bench-ours';

/** The agent runs in Node, whose main thread has either name; `conmon` is each container's monitor. */
const processes = ['node', 'MainThread', 'conmon', 'crun'];

export async function startOurs(hosts) {
  await hosts.create(host);
  return connectEngine(hosts, { host, port: 2376, processes });
}
