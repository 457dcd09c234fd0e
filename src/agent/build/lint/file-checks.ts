import { isTsmachineError } from '../../../shared/errors.js';
import { parseReference } from '../../image/reference.js';
import { expandWord, type Variables } from '../dockerfile/expand.js';
import type { Dockerfile, Instruction, Stage } from '../dockerfile/instruction.js';
import { nearest } from '../dockerfile/suggestion.js';
import { type LintWarning, warning } from './rules.js';
import { usedNames } from './used-names.js';

/** What concerns the file as a whole: names of stages, casing, FROM. `defaults`: of the ARGs before FROM. */
export function checkFile(text: string, file: Dockerfile, defaults: Variables): readonly LintWarning[] {
  return [
    ...emptyContinuations(text, file),
    ...file.stages.flatMap((stage) => stageNames(file, stage)),
    ...casing(file),
    ...file.stages.flatMap((stage) => fromArguments(file, stage, defaults)),
  ];
}

function emptyContinuations(text: string, { stages, globalArgs }: Dockerfile): readonly LintWarning[] {
  const lines = text.split('\n');
  return [...globalArgs, ...stages.flatMap(({ from, instructions }) => [from, ...instructions])]
    .filter(({ line, endLine, heredocs }) => {
      if (heredocs.length > 0) return false;
      return lines.slice(line - 1, endLine).some((each) => each.trim() === '');
    })
    .map(({ endLine }) =>
      warning('NoEmptyContinuation', { line: endLine, endLine }, 'Empty continuation line'),
    );
}

function stageNames(file: Dockerfile, { index, from, name }: Stage): readonly LintWarning[] {
  const [, as = '', given = ''] = from.args;
  if (name === undefined) return [];
  const keyword = keywordOf(from);
  const found: LintWarning[] = [];
  if (given !== name)
    found.push(warning('StageNameCasing', from, `Stage name '${given}' should be lowercase`));
  if (isLower(as) !== isLower(keyword))
    found.push(warning('FromAsCasing', from, `'${as}' and '${keyword}' keywords' casing do not match`));
  if (file.stages.some((other) => other.index < index && other.name === name)) {
    const detail = `Duplicate stage name ${JSON.stringify(name)}, stage names should be unique`;
    found.push(warning('DuplicateStageName', from, detail));
  }
  if (name === 'scratch' || name === 'context') {
    const detail = `Stage name should not use the same name as reserved stage ${JSON.stringify(name)}`;
    found.push(warning('ReservedStageName', from, detail));
  }
  return found;
}

function casing({ stages }: Dockerfile): readonly LintWarning[] {
  const all = stages.flatMap(({ from, instructions }) => [from, ...instructions]);
  const lower = all.filter((each) => isLower(keywordOf(each))).length;
  const upper = all.filter((each) => isUpper(keywordOf(each))).length;
  const [isRight, name] =
    lower > upper ? ([isLower, 'lowercase'] as const) : ([isUpper, 'uppercase'] as const);
  return all
    .filter((each) => !isRight(keywordOf(each)))
    .map((each) => {
      const detail = `Command '${keywordOf(each)}' should match the case of the command majority (${name})`;
      return warning('ConsistentInstructionCasing', each, detail);
    });
}

function fromArguments(file: Dockerfile, { from, name }: Stage, defaults: Variables): readonly LintWarning[] {
  const [image = ''] = from.args;
  const [platform] = from.flags.get('platform') ?? [];
  const declared = [...file.globalArgs.flatMap(({ args }) => args.map(argName)), ...defaults.keys()];
  const found = [image, platform ?? ''].flatMap(usedNames).flatMap((used) => {
    if (declared.includes(used)) return [];
    const better = nearest(used, declared);
    const more = better === undefined ? '' : ` (did you mean ${better}?)`;
    return [warning('UndefinedArgInFrom', from, `FROM argument '${used}' is not declared${more}`)];
  });
  if (found.length === 0 && usedNames(image).length > 0 && !isReference(image, defaults, file.escapeToken)) {
    const detail = `Default value for ARG ${image} results in empty or invalid base image name`;
    found.push(warning('InvalidDefaultArgInFrom', from, detail));
  }
  return [...found, ...platformChecks(from, platform, name)];
}

function platformChecks(
  from: Instruction,
  platform: string | undefined,
  name: string | undefined,
): readonly LintWarning[] {
  if (platform === undefined) return [];
  if (/^\$(?:TARGETPLATFORM|\{TARGETPLATFORM\})$/.test(platform)) {
    const detail = `Setting platform to predefined ${platform} in FROM is redundant as this is the default behavior`;
    return [warning('RedundantTargetPlatform', from, detail)];
  }
  const isNamed = platform.split('/').some((part) => name?.includes(part)); // "AS build-arm64"
  if (platform.includes('$') || isNamed) return [];
  const detail = `FROM --platform flag should not use constant value ${JSON.stringify(platform)}`;
  return [warning('FromPlatformFlagConstDisallowed', from, detail)];
}

function isReference(image: string, variables: Variables, escapeToken: string): boolean {
  try {
    parseReference(expandWord(image, variables, escapeToken));
    return true;
  } catch (error) {
    if (isTsmachineError(error)) return false;
    throw error;
  }
}

export function argName(word: string): string {
  return word.split('=', 1)[0] ?? '';
}

/** As written. */
export function keywordOf({ source }: Instruction): string {
  return source.trimStart().split(/\s/, 1)[0] ?? '';
}

function isLower(word: string): boolean {
  return word === word.toLowerCase();
}

function isUpper(word: string): boolean {
  return word === word.toUpperCase();
}
