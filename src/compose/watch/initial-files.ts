import { lstat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { contextFiles } from '../../build/context-files.js';
import type { FileMapping } from './plan-batch.js';
import type { WatchRule } from './watch-rule.js';

/** Of what use only outside of the container; changed, they are synchronised all the same. */
const projectFiles = /^(?:Dockerfile|(?:docker-)?compose(?:\.override)?\.ya?ml)$/;

/** Everything that a rule with `initial_sync` brings to the container before anything changes. */
export async function initialFiles(rule: WatchRule): Promise<readonly FileMapping[]> {
  const { path, action, initialSync } = rule.trigger;
  if (!initialSync || !action.startsWith('sync')) return [];
  const sources = (await lstat(path)).isDirectory() ? await filesBelow(rule) : [path];
  return sources
    .filter((source) => rule.matches(source) && !projectFiles.test(basename(source)))
    .map((source) => ({ source, target: rule.targetOf(source) }));
}

async function filesBelow(rule: WatchRule): Promise<readonly string[]> {
  const { path: root } = rule.trigger;
  const blind = (path: string) => rule.isBlindTo(join(root, path));
  const files: string[] = [];
  for await (const { path } of contextFiles(root, {
    ignores: blind,
    mayKeepBelow: (directory) => !blind(directory),
  })) {
    files.push(path);
  }
  return files;
}
