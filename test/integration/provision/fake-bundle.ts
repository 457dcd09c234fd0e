import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import type { AgentBundle } from '../../../src/provision/agent-bundle.js';

/** Behaves like the agent as far as a service manager sees it; SIGHUP and starts are noted down. */
const program = `#!/bin/sh
# the options of Node
while :; do case $1 in --*) shift ;; *) break ;; esac; done
agent=$1
case $2 in
  serve)
    ! grep -q broken "$agent" || { echo "cannot serve: broken" >&2; exit 1; }
    echo $$ >/run/tsmachine/serving
    : >/run/tsmachine/docker.sock
    echo "start $(cat "$agent")" >>/run/tsmachine/events
    trap 'echo reload >>/run/tsmachine/events' HUP
    trap 'rm -f /run/tsmachine/serving; exit 0' TERM
    while :; do sleep 0.1 & wait $!; done ;;
  ping) kill -0 "$(cat /run/tsmachine/serving)" ;;
  *) echo "$2 served" ;;
esac
`;

export interface FakeBundleOptions {
  /** Content of agent.mjs. */
  readonly agent?: string;
  /** What the digest of the Node binary claims to be of. */
  readonly claimed?: string;
  readonly size?: number;
}

export function fakeBundle(options: FakeBundleOptions = {}): AgentBundle {
  const files = [
    { name: 'agent.mjs', content: Buffer.from(options.agent ?? 'first') },
    { name: 'koffi.node', content: Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251)) },
  ].map((file) => ({ ...file, digest: sha256(file.content) }));
  const compressed = gzipSync(program);
  return {
    digest: sha256(Buffer.from(files.map(({ digest }) => digest).join())),
    files,
    node: {
      digest: sha256(Buffer.from(options.claimed ?? program)),
      size: options.size ?? program.length,
      compressedSize: compressed.length,
      open: () => Readable.from([compressed]),
    },
  };
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
