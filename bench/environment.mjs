/** What the figures depend on, for the head of the report. */
import { cpus, loadavg, release, totalmem } from 'node:os';

export async function describeEnvironment({ ours, theirs, podman }) {
  const [own, other, third] = await Promise.all(
    [ours, theirs, podman].map((engine) => engine?.client.json('GET', '/version')),
  );
  return {
    date: new Date().toISOString().replace(/\.\d+/, ''),
    kernel: release(),
    processors: `${cpus().length} × ${cpus()[0]?.model.trim()}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    load: loadavg()[0].toFixed(2),
    node: process.version,
    ours: `${own.Platform?.Name || 'tsmachine'} ${own.Version}`,
    theirs: `${other.Platform?.Name || 'Docker Engine'} ${other.Version}`,
    ...(third && { podman: third.Version }),
  };
}
