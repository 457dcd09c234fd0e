import { buildInvalid } from '../errors.js';
import type { Instruction, InstructionName } from './instruction.js';

type FlagKind = 'text' | 'flag' | 'many';

/** Instructions without an entry take what begins with "--" for an argument. HEALTHCHECK reads its flags itself. */
export const knownFlags: Readonly<Partial<Record<InstructionName, Readonly<Record<string, FlagKind>>>>> = {
  FROM: { platform: 'text' },
  RUN: { mount: 'many', network: 'text', security: 'text' },
  COPY: { from: 'text', chown: 'text', chmod: 'text', link: 'flag', parents: 'flag', exclude: 'many' },
  ADD: {
    chown: 'text',
    chmod: 'text',
    link: 'flag',
    'keep-git-dir': 'flag',
    checksum: 'text',
    unpack: 'flag',
    exclude: 'many',
  },
  ENV: {},
  LABEL: {},
  ARG: {},
  EXPOSE: {},
  USER: {},
  VOLUME: {},
  WORKDIR: {},
  STOPSIGNAL: {},
  SHELL: {},
};

/** How many arguments, and which. Throws BUILD_INVALID in Docker's words. */
export function checkArguments(instruction: Instruction): void {
  const { name, args } = instruction;
  const check = checks[name];
  if (check) check(instruction);
  else if (args.length === 0) throw buildInvalid(`${name} requires at least one argument`);
}

const checks: Readonly<Partial<Record<InstructionName, (instruction: Instruction) => void>>> = {
  FROM: ({ args }) => {
    const isNamed = args.length === 3 && args[1]?.toLowerCase() === 'as';
    if (args.length !== 1 && !isNamed) throw buildInvalid('FROM requires either one or three arguments');
  },
  COPY: checkCopy,
  ADD: checkCopy,
  CMD: () => {},
  ENTRYPOINT: () => {},
  RUN: ({ args }) => {
    if (args.length === 0) throw buildInvalid('RUN requires at least one argument');
  },
  WORKDIR: exactlyOne,
  USER: exactlyOne,
  MAINTAINER: exactlyOne,
  STOPSIGNAL: exactlyOne,
  SHELL: ({ args, json, source }) => {
    if (!json) throw buildInvalid(`SHELL requires the arguments to be in JSON form: ${source}`);
    if (args.length === 0) throw buildInvalid('SHELL requires at least one argument');
  },
  ARG: ({ args }) => {
    if (args.length === 0) throw buildInvalid('ARG requires at least one argument');
    if (args.some((word) => word.startsWith('='))) throw buildInvalid('ARG names can not be blank');
  },
  ONBUILD: ({ args }) => {
    const trigger = (args[0] ?? '').trim().split(/\s/, 1)[0]?.toUpperCase() ?? '';
    if (trigger === '') throw buildInvalid('ONBUILD requires at least one argument');
    if (trigger === 'ONBUILD') throw buildInvalid("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
    if (trigger === 'FROM' || trigger === 'MAINTAINER') {
      throw buildInvalid(`${trigger} isn't allowed as an ONBUILD trigger`);
    }
  },
  VOLUME: ({ args }) => {
    if (args.length === 0) throw buildInvalid('VOLUME requires at least one argument');
    if (args.some((path) => path.trim() === ''))
      throw buildInvalid('VOLUME specified can not be an empty string');
  },
};

function exactlyOne({ name, args }: Instruction): void {
  if (args.length !== 1) throw buildInvalid(`${name} requires exactly one argument`);
}

function checkCopy({ name, args }: Instruction): void {
  if (args.length < 2) {
    throw buildInvalid(
      `${name} requires at least two arguments, but only one was provided. Destination could not be determined.`,
    );
  }
  if (args.at(-1)?.startsWith('<<')) throw buildInvalid(`${name} cannot accept a heredoc as a destination`);
}
