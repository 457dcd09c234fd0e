import { type ErrorDetails, TsmachineError } from '../../shared/errors.js';

/** What is wrong in a Dockerfile, with its line (from 1). */
export class DockerfileInvalid extends TsmachineError {
  readonly line: number;

  constructor(line: number, reason: string) {
    super('invalid-argument', 'DOCKERFILE_INVALID', `dockerfile parse error on line ${line}: ${reason}`);
    this.line = line;
  }
}

export const dockerfileInvalid = (line: number, reason: string) => new DockerfileInvalid(line, reason);

/** A request that cannot be built as it stands. */
export const buildInvalid = (message: string, details: ErrorDetails = {}) =>
  new TsmachineError('invalid-argument', 'BUILD_INVALID', message, details);

export const buildUnsupported = (what: string) =>
  new TsmachineError('not-implemented', 'BUILD_UNSUPPORTED', `${what} is not supported by this engine`);

/** Something larger than the engine takes from a client. */
export const buildTooLarge = (what: string, limit: string) =>
  new TsmachineError('invalid-argument', 'BUILD_TOO_LARGE', `${what} exceeds the limit of ${limit}`);

/** COPY and ADD: the reason as Docker words it. */
export const copyFailed = (instruction: string, reason: string, details: ErrorDetails = {}) =>
  new TsmachineError('invalid-argument', 'BUILD_COPY_FAILED', `${instruction} failed: ${reason}`, details);

export const remoteFailed = (url: string, reason: string, details: ErrorDetails = {}) =>
  new TsmachineError(
    'unavailable',
    'BUILD_REMOTE_FAILED',
    `unable to download remote context ${url}: ${reason}`,
    details,
  );

/** A RUN step that ended with another code than 0. */
export class CommandFailed extends TsmachineError {
  readonly argv: readonly string[];
  readonly exitCode: number;

  constructor(argv: readonly string[], exitCode: number) {
    super(
      'invalid-argument',
      'BUILD_COMMAND_FAILED',
      `The command '${argv.join(' ')}' returned a non-zero code: ${exitCode}`,
    );
    this.argv = argv;
    this.exitCode = exitCode;
  }
}
