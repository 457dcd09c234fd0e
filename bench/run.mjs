#!/usr/bin/env node
/**
 * Compares the agent with Docker Engine: the same work on both in turn, on two hosts of the same kind.
 *
 *   npm run bench -- [--rounds N] [--only NAME,…] [--podman] [--keep]
 *
 * Prints a Markdown table, writes JSON to bench/results/. With --podman a third column: podman's service, measured
 * after each row in turn with ours. Needs root and Linux; installs Docker Engine (docker.io), and podman, from Debian
 * when there is none. Its machines are in a store of its own and are removed at the end, unless --keep.
 * A row is a file in bench/rows/, an engine a file in bench/engines/: see there for what each must offer.
 */
import { parseArgs } from 'node:util';
import { startDocker } from './engines/docker.mjs';
import { startOurs } from './engines/ours.mjs';
import { startPodman } from './engines/podman.mjs';
import { describeEnvironment } from './environment.mjs';
import { openHosts } from './hosts.mjs';
import { measureRow } from './measure.mjs';
import { saveResults, toMarkdown } from './report.mjs';
import { loadRows } from './rows.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string' },
    only: { type: 'string' },
    keep: { type: 'boolean', default: false },
    podman: { type: 'boolean', default: false },
  },
});

const rows = await loadRows(options.only?.split(','));
const hosts = await openHosts({ keep: options.keep });
process.once('SIGINT', () => void hosts.close().finally(() => process.exit(130)));
process.once('SIGTERM', () => void hosts.close().finally(() => process.exit(143)));
try {
  const ours = await startOurs(hosts);
  const theirs = await startDocker(hosts);
  const podman = options.podman ? await startPodman(hosts) : undefined;
  const results = [];
  for (const row of rows) {
    say(row.title);
    const rounds = Number(options.rounds ?? row.rounds);
    const result = await measureRow(row, { ours, theirs, hosts }, rounds);
    const beside = podman && row.enginesOnly !== false;
    results.push(
      beside
        ? { ...result, podman: await besidePodman(row, { ours, theirs: podman, hosts }, rounds) }
        : result,
    );
  }
  const report = { environment: await describeEnvironment({ ours, theirs, podman }), results };
  process.stdout.write(toMarkdown(report));
  say(`written to ${await saveResults(report)}`);
} finally {
  await hosts.close();
}

/** Undefined where podman cannot do what the row asks; the reason is told. */
async function besidePodman(row, context, rounds) {
  try {
    const { theirs, ratio } = await measureRow(row, context, rounds);
    return { ...theirs, ratio };
  } catch (error) {
    say(`podman: ${error.message.split('\n')[0]}`);
    return undefined;
  }
}

function say(text) {
  process.stderr.write(`› ${text}\n`);
}
