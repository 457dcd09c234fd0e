import { realpath } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { isGitUrl } from '../../build/git-context.js';
import { ignoreRules, readIgnoreRules } from '../../build/ignore-rules.js';
import type { Project } from '../model/project.js';
import type { Service, WatchTrigger } from '../model/service.js';
import { execMissing, nothingToWatch, rebuildImpossible } from './errors.js';
import { pathBelow, type RootedRules, WatchRule } from './watch-rule.js';

/** What editors and version control write for themselves. */
const alwaysIgnored = [
  ...['**/.git', '**/.idea', '**/*___jb_tmp___', '**/*___jb_old___'],
  ...['**/4913', '**/*~', '**/.*.swp', '**/.*.swo', '**/.*.swn', '**/.*.swx', '**/.#*'],
];

/**
 * The rules of all services, with what their .dockerignore says. What a bind mount has in the container already is not
 * synchronised. Throws WATCH_NOT_CONFIGURED, WATCH_REBUILD_IMPOSSIBLE, WATCH_EXEC_MISSING.
 */
export async function loadWatchRules(
  project: Project,
  warn: (message: string) => void,
): Promise<readonly WatchRule[]> {
  const services = Object.values(project.services);
  const rules = (await Promise.all(services.map((service) => rulesOf(service, warn)))).flat();
  if (rules.length === 0) throw nothingToWatch();
  return rules;
}

async function rulesOf(service: Service, warn: (message: string) => void): Promise<readonly WatchRule[]> {
  const triggers = service.develop?.watch ?? [];
  if (triggers.length === 0) return [];
  const context = await contextRules(service);
  return triggers.flatMap((trigger) => {
    check(service, trigger);
    if (isMounted(service, trigger)) {
      warn(`path '${trigger.path}' also declared by a bind mount volume, this path won't be monitored!`);
      return [];
    }
    return [new WatchRule({ service: service.name, trigger, ...patternsOf(trigger, context) })];
  });
}

function patternsOf({ path, ignore, include }: WatchTrigger, context: readonly RootedRules[]) {
  const own = { root: path, rules: ignoreRules([...alwaysIgnored, ...ignore].join('\n')) };
  const included = include.length > 0 ? { root: path, rules: ignoreRules(include.join('\n')) } : undefined;
  return { ignored: [...context, own], included };
}

function check(service: Service, { action, exec }: WatchTrigger): void {
  if (action === 'rebuild' && !service.build) throw rebuildImpossible(service.name);
  if (action === 'sync+exec' && !exec?.command?.length) throw execMissing(service.name);
}

function isMounted({ volumes }: Service, { action, path }: WatchTrigger): boolean {
  if (!action.startsWith('sync')) return false;
  return volumes.some(
    ({ type, source }) => type === 'bind' && source !== undefined && pathBelow(source, path) !== undefined,
  );
}

/** Those of the build context, where it is a directory of this computer. */
async function contextRules({ build }: Service): Promise<readonly RootedRules[]> {
  const { context, dockerfile } = build ?? {};
  if (context === undefined || isGitUrl(context) || context.includes('://')) return [];
  const root = await realpath(context).catch(() => context); // a build says that it is missing
  const beside = dockerfile === undefined || isAbsolute(dockerfile) ? dockerfile : join(root, dockerfile);
  const files = [...(beside === undefined ? [] : [`${beside}.dockerignore`]), join(root, '.dockerignore')];
  return [{ root, rules: await readIgnoreRules(files, []) }];
}
