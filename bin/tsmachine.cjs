#!/usr/bin/env node
// Starts the CLI. Written for any Node version: where the running one is too old, the Node that the optional
// dependencies bring is used instead, so that "it needs a newer Node" is never the first thing a user sees.
'use strict';
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const minimum = [22, 15];
const dist = join(__dirname, '..', 'dist', 'cli');
const main = join(dist, 'main.cjs');

if (!existsSync(main)) {
  console.error(`tsmachine is not built\n  › run "npm install && npm run build" in ${join(__dirname, '..')}`);
  process.exit(1);
}
// What shells and prompts ask all the time is answered without the ESM loader, oclif and a newer Node.
const { fastPath } = require(join(dist, 'fast-path.cjs'));
const answer = fastPath(process.argv.slice(2), { environment: process.env, platform: process.platform });
if (answer !== undefined) process.stdout.write(answer);
else if (isRecent()) require(main);
else runWithBundledNode();

function isRecent() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major > minimum[0] || (major === minimum[0] && minor >= minimum[1]);
}

function runWithBundledNode() {
  const node = findBundledNode();
  if (!node) {
    console.error(`tsmachine needs Node ${minimum.join('.')} or later; this is ${process.version}`);
    console.error('  › install a current Node, or install tsmachine with its optional dependencies');
    process.exit(1);
  }
  const { spawn } = require('node:child_process');
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both processes; without one, only this process is told.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`cannot run ${node}: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) =>
    process.exit(signal ? 128 + require('node:os').constants.signals[signal] : code),
  );
}

function findBundledNode() {
  try {
    return require.resolve(`node-${process.platform}-${process.arch}/bin/node`);
  } catch {
    return undefined;
  }
}
