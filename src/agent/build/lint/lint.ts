import { expandWord } from '../dockerfile/expand.js';
import type { Dockerfile, Stage } from '../dockerfile/instruction.js';
import { parseDockerfile } from '../dockerfile/parser.js';
import { buildInvalid } from '../errors.js';
import { globalVariables } from '../exec/build-image.js';
import type { BuildRequest } from '../exec/request.js';
import { earlierStage, planBuild } from '../plan/stages.js';
import { argName, checkFile } from './file-checks.js';
import type { LintWarning } from './rules.js';
import { checkSecrets, checkStage, setsWorkdir } from './stage-checks.js';
import { checkVariables } from './variable-checks.js';

export interface LintRequest
  extends Pick<BuildRequest, 'dockerfile' | 'dockerfileName' | 'buildArgs' | 'platform' | 'target'> {
  /** The build argument BUILDKIT_DOCKERFILE_CHECK. */
  readonly check: string | undefined;
  /** A context of that name stands for the stage or the image. */
  isReplaced(name: string): boolean;
  /** "NAME=value" of a base image; undefined where the image is not known, and variables are not checked then. */
  env(image: string): Promise<readonly string[] | undefined>;
}

/**
 * Docker's build checks: what a build does, but perhaps not what is meant. The instructions of stages that the target
 * does not need are not looked at. Throws what `parseDockerfile` throws.
 */
export async function lintDockerfile(request: LintRequest): Promise<readonly LintWarning[]> {
  const file = parseDockerfile(request.dockerfile, request.dockerfileName);
  const { skip } = checkDirective(request.dockerfile, request.check);
  const defaults = globalVariables(file, { ...request, buildArgs: new Map() });
  const globals = globalVariables(file, request);
  const baseOf = ({ from }: Stage) => expandWord(from.args[0] ?? '', globals, file.escapeToken);
  const found = [
    ...checkFile(request.dockerfile, file, defaults),
    ...file.globalArgs.flatMap(checkSecrets),
    ...(await checkStages(request, file, baseOf)),
  ];
  return found.filter(({ rule }) => skip !== 'all' && !skip.has(rule)).toSorted((a, b) => a.line - b.line);
}

async function checkStages(
  request: LintRequest,
  file: Dockerfile,
  baseOf: (stage: Stage) => string,
): Promise<readonly LintWarning[]> {
  const found: LintWarning[] = [];
  const known = new Map<Stage, ReadonlySet<string> | undefined>();
  const withWorkdir = new Set<Stage>();
  for (const stage of planBuild(file, { target: request.target }, baseOf).stages) {
    const base = baseOf(stage);
    const below = request.isReplaced(base) ? undefined : earlierStage(file, stage, base, false);
    const workdirIsSet = below !== undefined && withWorkdir.has(below);
    if (workdirIsSet || setsWorkdir(stage)) withWorkdir.add(stage);
    found.push(...checkStage(stage, workdirIsSet));
    const names = below ? known.get(below) : await namesOf(request, base);
    const own = names && new Set(names);
    if (own) found.push(...checkVariables(stage, own));
    known.set(stage, own);
  }
  return found;
}

async function namesOf(
  { isReplaced, env }: LintRequest,
  base: string,
): Promise<ReadonlySet<string> | undefined> {
  if (isReplaced(base)) return undefined;
  const entries = base === 'scratch' ? [] : await env(base);
  return entries && new Set(['PATH', ...entries.map(argName)]);
}

export interface CheckDirective {
  readonly skip: ReadonlySet<string> | 'all';
  /** A warning fails the build. */
  readonly isError: boolean;
}

/** "# check=skip=A,B;error=true", or the build argument BUILDKIT_DOCKERFILE_CHECK. Throws BUILD_INVALID. */
export function checkDirective(dockerfile: string, given: string | undefined): CheckDirective {
  const text = given ?? directiveOf(dockerfile) ?? '';
  const directive: { skip: ReadonlySet<string> | 'all'; isError: boolean } = {
    skip: new Set(),
    isError: false,
  };
  for (const part of text.split(';').filter((each) => each.trim() !== '')) {
    const [, name = '', value = ''] = /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(part) ?? [];
    if (name === 'skip')
      directive.skip = value === 'all' ? 'all' : new Set(value.split(',').map((rule) => rule.trim()));
    else if (name === 'error') directive.isError = /^(?:true|1|t)$/i.test(value);
    else throw buildInvalid(`invalid check option ${JSON.stringify(name || part)}`);
  }
  return directive;
}

/** Directives stand before everything else. */
function directiveOf(dockerfile: string): string | undefined {
  for (const line of dockerfile.replace(/^\uFEFF/, '').split('\n')) {
    const [, name = '', value] = /^#\s*(\w+)\s*=\s*(.+?)\s*$/.exec(line.trim()) ?? [];
    if (name === '') return undefined;
    if (name.toLowerCase() === 'check') return value;
  }
  return undefined;
}
