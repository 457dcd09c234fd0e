import type { Instruction, Stage } from '../dockerfile/instruction.js';
import { argName } from './file-checks.js';
import { type LintWarning, warning } from './rules.js';

/** What concerns the instructions of one stage. `workdirIsSet`: by the stage that it begins with. */
export function checkStage({ instructions }: Stage, workdirIsSet: boolean): readonly LintWarning[] {
  return [
    ...instructions.flatMap((instruction) => checkInstruction(instruction)),
    ...shellForms(instructions),
    ...repeated(instructions),
    ...relativeWorkdirs(instructions, workdirIsSet),
  ];
}

export function setsWorkdir({ instructions }: Stage): boolean {
  return instructions.some(({ name, args }) => name === 'WORKDIR' && /^["']?[/$]/.test(args[0] ?? ''));
}

/** ARG and ENV, wherever they are. */
export function checkSecrets({ name, args, line, endLine }: Instruction): readonly LintWarning[] {
  if (name !== 'ARG' && name !== 'ENV') return [];
  return args
    .map(argName)
    .filter((each) => secretName.test(each) && !/(?:_|^)public(?:_|$)/i.test(each))
    .map((each) => {
      const detail = `Do not use ARG or ENV instructions for sensitive data (${name} ${JSON.stringify(each)})`;
      return warning('SecretsUsedInArgOrEnv', { line, endLine }, detail);
    });
}

const secretName =
  /(?:_|^)(?:apikey|auth|credential|credentials|key|password|pword|passwd|secret|token)(?:_|$)/i;

function checkInstruction(instruction: Instruction): readonly LintWarning[] {
  const { name, args, source } = instruction;
  const found = [...checkSecrets(instruction)];
  if (name === 'MAINTAINER') {
    const detail = 'Maintainer instruction is deprecated in favor of using label';
    found.push(warning('MaintainerDeprecated', instruction, detail));
  }
  if ((name === 'ENV' || name === 'LABEL') && !/^\s*\S+\s+[^\s=]*=/.test(source)) {
    const detail = `"${name} key=value" should be used instead of legacy "${name} key value" format`;
    found.push(warning('LegacyKeyValueFormat', instruction, detail));
  }
  if (name === 'EXPOSE') {
    for (const port of args.filter((each) => /\/.*[A-Z]/.test(each) && !each.includes('$'))) {
      const detail = `Defined protocol '${port}' in EXPOSE instruction should be lowercase`;
      found.push(warning('ExposeProtoCasing', instruction, detail));
    }
  }
  return found;
}

/** Where a SHELL is chosen, it is meant. */
function shellForms(instructions: readonly Instruction[]): readonly LintWarning[] {
  const shell = instructions.findIndex(({ name }) => name === 'SHELL');
  const before = shell < 0 ? instructions : instructions.slice(0, shell);
  return before
    .filter(({ name, json, args }) => (name === 'CMD' || name === 'ENTRYPOINT') && !json && args.length > 0)
    .map((each) => {
      const detail = `JSON arguments recommended for ${each.name} to prevent unintended behavior related to OS signals`;
      return warning('JSONArgsRecommended', each, detail);
    });
}

/** Only the last of them counts. */
function repeated(instructions: readonly Instruction[]): readonly LintWarning[] {
  return ['CMD', 'ENTRYPOINT', 'HEALTHCHECK'].flatMap((name) => {
    const detail = `Multiple ${name} instructions should not be used in the same stage because only the last one will be used`;
    const same = instructions.filter((each) => each.name === name);
    return same.slice(0, -1).map((each) => warning('MultipleInstructionsDisallowed', each, detail));
  });
}

function relativeWorkdirs(
  instructions: readonly Instruction[],
  workdirIsSet: boolean,
): readonly LintWarning[] {
  const all = workdirIsSet ? [] : instructions.filter(({ name }) => name === 'WORKDIR');
  const absolute = all.findIndex(({ args }) => /^["']?[/$]/.test(args[0] ?? ''));
  return (absolute < 0 ? all : all.slice(0, absolute)).map((each) => {
    const path = JSON.stringify(each.args[0] ?? '');
    const detail = `Relative workdir ${path} can have unexpected results if the base image changes`;
    return warning('WorkdirRelativePath', each, detail);
  });
}
