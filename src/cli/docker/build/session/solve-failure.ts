import { engineStreamError } from '../../../../api/client/errors.js';
import { GrpcError } from '../../../../grpc/errors.js';
import { isJsonObject } from '../../../../shared/json.js';

/** What BuildKit refuses or fails at, as an error of the engine's; one of a step has its exit code. */
export function solveFailure(error: unknown): unknown {
  if (!(error instanceof GrpcError)) return error;
  const { message } = error.status;
  const [, code] = /exit code: (\d+)$/.exec(message) ?? [];
  return engineStreamError(
    message.startsWith('failed to solve') ? message : `failed to solve: ${message}`, // older engines say so themselves
    code === undefined ? undefined : Number(code),
  );
}

/** The lines of the Dockerfile that an error is about, with some around them; undefined where it names none. */
export function sourceExcerpt(error: unknown): string | undefined {
  if (!(error instanceof GrpcError)) return undefined;
  const detail = error.status.details.find(({ type }) => type.endsWith('errdefs.Source+json'));
  const source = detail && parsed(Buffer.from(detail.value).toString());
  if (!isJsonObject(source) || !isJsonObject(source['info'])) return undefined;
  const { filename, data } = source['info'];
  return excerptOf(filename, data, source['ranges']);
}

/** Of a file in base64; undefined where no lines are named. */
export function excerptOf(filename: unknown, data: unknown, given: unknown): string | undefined {
  const ranges: readonly unknown[] = Array.isArray(given) ? given : [];
  const [first, last] = [lineOf(ranges[0], 'start'), lineOf(ranges.at(-1), 'end')];
  if (typeof filename !== 'string' || typeof data !== 'string' || first === undefined) return undefined;
  const lines = Buffer.from(data, 'base64').toString().split('\n');
  return excerpt(filename, lines, first, last ?? first);
}

const rule = '--------------------';
const around = 2;

function excerpt(filename: string, lines: readonly string[], first: number, last: number): string {
  const from = Math.max(1, first - around);
  const shown = lines.slice(from - 1, last + around).map((line, at) => {
    const number = from + at;
    const mark = number >= first && number <= last ? '>>>' : '   ';
    return `${String(number).padStart(4)} | ${mark} ${line}`;
  });
  return `${filename}:${first}\n${rule}\n${shown.join('\n')}\n${rule}\n`;
}

function lineOf(range: unknown, end: 'start' | 'end'): number | undefined {
  const position = isJsonObject(range) ? range[end] : undefined;
  const line = isJsonObject(position) ? position['line'] : undefined;
  return typeof line === 'number' && line > 0 ? line : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
