import type { StatusUpdate } from '../../../../build/solve/solve.js';
import type { BuildDisplay, TextOutput } from './display.js';

/** What the engine tells, an object a line, as buildx writes it. */
export class RawDisplay implements BuildDisplay {
  readonly #output: TextOutput;

  constructor(output: TextOutput) {
    this.#output = output;
  }

  update({ vertexes, statuses, logs, warnings }: StatusUpdate): void {
    const value = {
      ...(vertexes.length > 0 && { vertexes: vertexes.map(vertexJson) }),
      ...(statuses.length > 0 && { statuses: statuses.map(statusJson) }),
      ...(logs.length > 0 && { logs: logs.map(logJson) }),
      ...(warnings.length > 0 && { warnings: warnings.map(warningJson) }),
    };
    if (Object.keys(value).length > 0) this.#output.write(`${JSON.stringify(value)}\n`);
  }

  close(): void {}
}

function vertexJson(vertex: StatusUpdate['vertexes'][number]): object {
  const { digest, inputs, name, started, completed, cached, error } = vertex;
  return {
    ...{ digest, ...(inputs.length > 0 && { inputs }), name },
    ...(started && { started: iso(started) }),
    ...(completed && { completed: iso(completed) }),
    ...(cached && { cached }),
    ...(error !== '' && { error }),
  };
}

function statusJson(status: StatusUpdate['statuses'][number]): object {
  const { ID: id, vertex, name, total, current, timestamp, started, completed } = status;
  return {
    ...{ id, vertex, ...(name !== '' && { name }), ...(total > 0 && { total }), current },
    timestamp: iso(timestamp),
    ...(started && { started: iso(started) }),
    ...(completed && { completed: iso(completed) }),
  };
}

function logJson({ vertex, stream, msg, timestamp }: StatusUpdate['logs'][number]): object {
  return { vertex, stream, data: Buffer.from(msg).toString('base64'), timestamp: iso(timestamp) };
}

function warningJson({ vertex, level, short, detail, url }: StatusUpdate['warnings'][number]): object {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  return { vertex, level, short: base64(short), detail: detail.map(base64), ...(url !== '' && { url }) };
}

function iso(time: { readonly seconds: number; readonly nanos: number } | undefined): string {
  const { seconds = 0, nanos = 0 } = time ?? {};
  const fraction = String(nanos).padStart(9, '0').replace(/0+$/, '');
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  return `${whole}${fraction === '' ? '' : `.${fraction}`}Z`;
}
