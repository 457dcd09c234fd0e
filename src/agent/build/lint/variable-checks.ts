import type { Instruction, Stage } from '../dockerfile/instruction.js';
import { nearest } from '../dockerfile/suggestion.js';
import { isPredefined } from '../exec/build-args.js';
import { argName } from './file-checks.js';
import { type LintWarning, warning } from './rules.js';
import { usedNames } from './used-names.js';

/** Variables that nothing has set. `known` are those of what the stage begins with; it gets the stage's own. */
export function checkVariables({ instructions }: Stage, known: Set<string>): readonly LintWarning[] {
  const found: LintWarning[] = [];
  for (const instruction of instructions) {
    for (const name of new Set(wordsOf(instruction).flatMap(usedNames))) {
      if (known.has(name) || isPredefined(name)) continue;
      const better = nearest(name, [...known]);
      const more = better === undefined ? '' : ` (did you mean $${better}?)`;
      found.push(warning('UndefinedVar', instruction, `Usage of undefined variable '$${name}'${more}`));
    }
    if (instruction.name === 'ARG' || instruction.name === 'ENV')
      for (const word of instruction.args) known.add(argName(word));
  }
  return found;
}

const expanded: ReadonlySet<string> = new Set([
  ...['ADD', 'ARG', 'COPY', 'ENV', 'EXPOSE', 'LABEL', 'STOPSIGNAL', 'USER', 'VOLUME', 'WORKDIR'],
]);

function wordsOf({ name, args, flags }: Instruction): readonly string[] {
  if (!expanded.has(name)) return [];
  const own = args.filter((word) => !word.startsWith('<<'));
  return [...own, ...['chown', 'chmod', 'checksum'].flatMap((flag) => flags.get(flag) ?? [])];
}
