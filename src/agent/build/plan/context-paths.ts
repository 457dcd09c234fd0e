import type { Instruction, Stage } from '../dockerfile/instruction.js';
import { parseMountFlag } from '../dockerfile/run-mount.js';

/** What stages take from the build context, as far as their text tells; undefined when that can be anything. */
export function contextPaths(stages: readonly Stage[]): readonly string[] | undefined {
  const paths = stages.flatMap(({ instructions }) => instructions.flatMap(pathsOf));
  return paths.some(isUnclear) ? undefined : [...new Set(paths)];
}

function pathsOf({ name, args, flags }: Instruction): readonly string[] {
  if (name === 'RUN') return (flags.get('mount') ?? []).flatMap(mountedPath);
  if ((name !== 'COPY' && name !== 'ADD') || flags.has('from')) return [];
  const isUrl = (word: string) => name === 'ADD' && /^(?:https?|git):\/\//i.test(word);
  return args.slice(0, -1).filter((word) => !word.startsWith('<<') && !isUrl(word));
}

function mountedPath(flag: string): readonly string[] {
  if (flag.includes('$')) return [flag];
  const { type, from, source = '.' } = parseMountFlag(flag);
  return type === 'bind' && from === undefined ? [source] : [];
}

/** A variable, a quote or an escape; or the whole context. */
function isUnclear(path: string): boolean {
  return (
    /[$"'\\`]/.test(path) ||
    path.split('/').every((part) => part === '' || part === '.') ||
    path.includes('..') ||
    path.includes('**')
  );
}
