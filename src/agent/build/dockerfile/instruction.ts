import type { Heredoc } from './source-lines.js';

export type InstructionName =
  | 'ADD'
  | 'ARG'
  | 'CMD'
  | 'COPY'
  | 'ENTRYPOINT'
  | 'ENV'
  | 'EXPOSE'
  | 'FROM'
  | 'HEALTHCHECK'
  | 'LABEL'
  | 'MAINTAINER'
  | 'ONBUILD'
  | 'RUN'
  | 'SHELL'
  | 'STOPSIGNAL'
  | 'USER'
  | 'VOLUME'
  | 'WORKDIR';

export interface Instruction {
  readonly name: InstructionName;
  /** "--name=value" before the arguments; a flag may be given several times where it may. */
  readonly flags: ReadonlyMap<string, readonly string[]>;
  /** Words, for ENV, LABEL and ARG "name=value" pairs; one text where the instruction takes one. Not yet expanded. */
  readonly args: readonly string[];
  /** Arguments were a JSON list. */
  readonly json: boolean;
  readonly heredocs: readonly Heredoc[];
  /** The line as written, with its continuations joined. */
  readonly source: string;
  readonly line: number;
  readonly endLine: number;
}

export interface Stage {
  /** From 0, in the order of the file. */
  readonly index: number;
  /** Lower case; undefined without "AS". */
  readonly name: string | undefined;
  readonly from: Instruction;
  readonly instructions: readonly Instruction[];
}

export interface Dockerfile {
  /** ARG before the first FROM. */
  readonly globalArgs: readonly Instruction[];
  readonly stages: readonly Stage[];
  readonly escapeToken: '\\' | '`';
}
