import { checkDirective, lintDockerfile } from '../../build/lint/lint.js';
import type { LintWarning } from '../../build/lint/rules.js';
import { solveInvalid } from '../errors.js';
import { tellWarnings } from '../status/lint-warnings.js';
import type { OpenedSources } from './open-sources.js';
import type { SolveContext } from './solve-context.js';
import type { SolveOptions } from './solve-options.js';

/** Docker's build checks of a Dockerfile; variables are checked where the base image is here. */
export function lintSources(
  { host }: SolveContext,
  options: SolveOptions,
  { dockerfile, dockerfileName }: Pick<OpenedSources, 'dockerfile' | 'dockerfileName'>,
): Promise<readonly LintWarning[]> {
  const { buildArgs, target, contexts, check } = options;
  return lintDockerfile({
    ...{ dockerfile, dockerfileName, buildArgs, target, check, platform: options.platform ?? host.platform },
    isReplaced: (name) => contexts.has(name),
    env: (image) => host.environmentOf(image),
  });
}

/**
 * Tells the checks when the build is over, however it has ended: the base images are here then. With
 * "# check=error=true" nothing is built of what has warnings. Throws SOLVE_INVALID, and what the build throws.
 */
export async function withChecks<T>(
  context: SolveContext,
  options: SolveOptions,
  opened: OpenedSources,
  build: () => Promise<T>,
): Promise<T> {
  const source = { filename: opened.dockerfileName, text: opened.dockerfile };
  if (checkDirective(opened.dockerfile, options.check).isError) {
    const warnings = await lintSources(context, options, opened);
    tellWarnings(context.status, source, warnings);
    if (warnings.length > 0) throw violations(warnings);
    return await build();
  }
  try {
    return await build();
  } finally {
    const warnings = await lintSources(context, options, opened).catch(() => []); // the build has told it
    tellWarnings(context.status, source, warnings);
  }
}

function violations(warnings: readonly LintWarning[]): Error {
  const names = [...new Set(warnings.map(({ rule }) => rule))].sort();
  return solveInvalid(`lint violation found for rules: ${names.join(', ')}`);
}
