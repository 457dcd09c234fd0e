import { isTsmachineError } from '../../../shared/errors.js';
import { buildInvalid, buildTooLarge, dockerfileInvalid } from '../errors.js';
import { checkArguments, knownFlags } from './checks.js';
import type { Dockerfile, Instruction, InstructionName, Stage } from './instruction.js';
import { largestDockerfile, mostInstructions } from './limits.js';
import { type SourceLine, sourceLines } from './source-lines.js';
import { withSuggestion } from './suggestion.js';
import { jsonWords, splitWords } from './words.js';

/** Throws DOCKERFILE_INVALID with the line, in Docker's words; BUILD_TOO_LARGE. */
export function parseDockerfile(source: string, name = 'Dockerfile'): Dockerfile {
  if (source.length > largestDockerfile) throw buildTooLarge(`the Dockerfile (${name})`, '2 MiB');
  if (source.trim() === '') throw buildInvalid(`the Dockerfile (${name}) cannot be empty`);
  const nul = source.indexOf('\0');
  if (nul >= 0) throw dockerfileInvalid(source.slice(0, nul).split('\n').length, 'a NUL byte: is it UTF-8?');
  const { lines, escapeToken } = sourceLines(source);
  if (lines.length === 0) throw dockerfileInvalid(1, 'file with no instructions');
  if (lines.length > mostInstructions)
    throw buildTooLarge('the number of instructions', `${mostInstructions}`);
  const globalArgs: Instruction[] = [];
  const stages: {
    index: number;
    name: string | undefined;
    from: Instruction;
    instructions: Instruction[];
  }[] = [];
  for (const line of lines) {
    const instruction = parseInstruction(line, escapeToken);
    const stage = stages.at(-1);
    if (instruction.name === 'FROM') {
      stages.push({
        index: stages.length,
        name: stageName(instruction),
        from: instruction,
        instructions: [],
      });
    } else if (stage) stage.instructions.push(instruction);
    else if (instruction.name === 'ARG') globalArgs.push(instruction);
    else throw dockerfileInvalid(line.line, 'no build stage in current context');
  }
  if (stages.length === 0)
    throw dockerfileInvalid(lines.at(-1)?.line ?? 1, 'no build stage in current context');
  return { globalArgs, stages: stages satisfies readonly Stage[], escapeToken };
}

/** One instruction, such as a trigger of ONBUILD. Throws DOCKERFILE_INVALID. */
export function parseInstruction(line: SourceLine, escapeToken: string): Instruction {
  const [, word = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(line.text) ?? [];
  const name = word.toUpperCase();
  if (!isInstructionName(name)) {
    const text = `unknown instruction: ${word.length > longestShown ? `${word.slice(0, longestShown)}…` : word}`;
    throw dockerfileInvalid(line.line, withSuggestion(text, word, Object.keys(argumentForms)));
  }
  try {
    const { flags, text } = takeFlags(name, rest);
    const parsed = parseArguments(name, text, escapeToken);
    const instruction = {
      name,
      flags,
      ...parsed,
      heredocs: line.heredocs,
      source: line.text,
      line: line.line,
      endLine: line.endLine,
    };
    checkArguments(instruction);
    return instruction;
  } catch (error) {
    if (isTsmachineError(error) && error.code === 'BUILD_INVALID')
      throw dockerfileInvalid(line.line, error.message);
    throw error;
  }
}

/** Of a word in a message; it may be megabytes. */
const longestShown = 200;

export function parseSource(text: string, escapeToken: string): Instruction {
  const [first] = sourceLines(escapeToken === '`' ? `# escape=\`\n${text}` : text).lines;
  if (!first) throw buildInvalid('file with no instructions');
  return parseInstruction(first, escapeToken);
}

function isInstructionName(name: string): name is InstructionName {
  return Object.hasOwn(argumentForms, name);
}

type Form = 'words' | 'text' | 'maybe-json' | 'maybe-json-words' | 'pairs' | 'args';

const argumentForms: Readonly<Record<InstructionName, Form>> = {
  ADD: 'maybe-json-words',
  ARG: 'args',
  CMD: 'maybe-json',
  COPY: 'maybe-json-words',
  ENTRYPOINT: 'maybe-json',
  ENV: 'pairs',
  EXPOSE: 'words',
  FROM: 'words',
  HEALTHCHECK: 'text',
  LABEL: 'pairs',
  MAINTAINER: 'text',
  ONBUILD: 'text',
  RUN: 'maybe-json',
  SHELL: 'maybe-json',
  STOPSIGNAL: 'text',
  USER: 'text',
  VOLUME: 'maybe-json-words',
  WORKDIR: 'text',
};

function parseArguments(
  name: InstructionName,
  text: string,
  escapeToken: string,
): { args: readonly string[]; json: boolean } {
  const form = argumentForms[name];
  if (form === 'maybe-json' || form === 'maybe-json-words') {
    const list = jsonWords(text);
    if (list) return { args: list, json: true };
  }
  switch (form) {
    case 'pairs':
      return { args: pairs(name, text, escapeToken), json: false };
    case 'args':
      return { args: splitWords(text, escapeToken), json: false };
    case 'words':
    case 'maybe-json-words':
      return { args: text.split(/\s+/).filter((word) => word !== ''), json: false };
    default:
      return { args: text === '' ? [] : [text], json: false };
  }
}

/** "A=1 B=2", or the old "A one two". */
function pairs(name: string, text: string, escapeToken: string): string[] {
  const words = splitWords(text, escapeToken);
  const [first] = words;
  if (first === undefined) throw buildInvalid(`${name} requires at least one argument`);
  if (!first.includes('=')) {
    const value = text.trimStart().slice(first.length).trim();
    if (value === '') throw buildInvalid(`${name} must have two arguments`);
    return [`${first}=${value}`];
  }
  for (const word of words) {
    const equals = word.indexOf('=');
    if (equals < 0) {
      throw buildInvalid(
        `Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`,
      );
    }
    if (equals === 0) throw buildInvalid(`${name} names can not be blank`);
  }
  return words;
}

function takeFlags(
  name: InstructionName,
  rest: string,
): { flags: ReadonlyMap<string, readonly string[]>; text: string } {
  const flags = new Map<string, string[]>();
  const text = rest.trim();
  const word = /--(\S*)(?:\s+|$)/y;
  let at = 0;
  for (let match = word.exec(text); match; match = word.exec(text)) {
    const known = knownFlags[name];
    if (match[1] !== '' && !known) break; // CMD --x and others: no flags, but words
    at = word.lastIndex;
    if (match[1] === '' || !known) break; // "--" ends them
    addFlag(flags, known, match[1] ?? '');
  }
  return { flags, text: text.slice(at) };
}

function addFlag(
  flags: Map<string, string[]>,
  known: Readonly<Record<string, 'text' | 'flag' | 'many'>>,
  word: string,
): void {
  const [, flag = '', value] = /^([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
  const kind = Object.hasOwn(known, flag) ? known[flag] : undefined;
  if (!kind) throw buildInvalid(withSuggestion(`unknown flag: --${flag}`, flag, Object.keys(known)));
  const before = flags.get(flag);
  if (before && kind !== 'many') throw buildInvalid(`Duplicate flag specified: ${flag}`);
  if (value === undefined && kind !== 'flag') throw buildInvalid(`Missing a value on flag: ${flag}`);
  const text = value ?? 'true';
  if (kind === 'flag' && text.toLowerCase() !== 'true' && text.toLowerCase() !== 'false') {
    throw buildInvalid(`Expecting boolean value for flag ${flag}, not: ${text}`);
  }
  if (before) before.push(text);
  else flags.set(flag, [text]);
}

function stageName({ args, line }: Instruction): string | undefined {
  if (args.length === 1) return undefined;
  const given = args[2] ?? '';
  const name = given.toLowerCase();
  if (/^[a-z][a-z0-9-_.]*$/.test(name)) return name;
  throw dockerfileInvalid(
    line,
    `invalid name for build stage: ${JSON.stringify(given)}, name can't start with a number or contain symbols`,
  );
}
