import { GrpcError, grpcCode, statusOf } from '../../../grpc/errors.js';
import { CommandFailed, DockerfileInvalid } from '../../build/errors.js';
import type { StepInfo } from '../../build/output/progress.js';

/** The text of a Dockerfile, for the excerpt that clients print. */
export interface DockerfileSource {
  readonly filename: string;
  readonly text: string;
}

/** An error of the builder in the words of BuildKit. */
export function buildKitError(error: unknown): unknown {
  if (!(error instanceof CommandFailed)) return error;
  const { argv, exitCode } = error;
  return new Error(
    `process ${JSON.stringify(argv.join(' '))} did not complete successfully: exit code: ${exitCode}`,
    {
      cause: error,
    },
  );
}

/** For the wire, with the place in the Dockerfile. */
export function solveError(
  error: unknown,
  source: DockerfileSource | undefined,
  step: StepInfo | undefined,
): GrpcError {
  const status = statusOf(buildKitError(error));
  const lines = placeOf(error, step);
  const details = source && lines ? [sourceDetail(source, lines)] : [];
  const code = status.code === grpcCode.canceled ? status.code : grpcCode.unknown; // others are printed before the text
  return new GrpcError({ code, message: status.message, details }, error);
}

/** A call that the engine refuses is no call that it does not know: the code would be printed before the text. */
export function refusal(error: unknown): unknown {
  const status = statusOf(error);
  if (error instanceof GrpcError || status.code === grpcCode.unknown) return error;
  return new GrpcError({ ...status, code: grpcCode.unknown }, error);
}

type Lines = { readonly first: number; readonly last: number };

function placeOf(error: unknown, step: StepInfo | undefined): Lines | undefined {
  if (error instanceof DockerfileInvalid) return { first: error.line, last: error.line };
  return step && { first: step.line, last: step.endLine };
}

/** errdefs.Source of BuildKit, which travels as JSON. */
function sourceDetail({ filename, text }: DockerfileSource, { first, last }: Lines) {
  const value = {
    info: { filename, data: Buffer.from(text).toString('base64'), language: 'Dockerfile' },
    ranges: [{ start: { line: first }, end: { line: last } }],
  };
  return { type: 'github.com/moby/buildkit/errdefs.Source+json', value: Buffer.from(JSON.stringify(value)) };
}
