import { csvFields } from '../../csv.js';
import { flagInvalid } from '../../errors.js';

/** What is asked of a Dockerfile in place of building it. */
export interface Call {
  /** The front end's name for it: "lint", "outline", "targets". */
  readonly question: string;
  readonly format: 'text' | 'json';
  /** The command succeeds whatever is found. */
  readonly ignoresStatus: boolean;
}

/** `--call=check,format=json`, or `--check` for short; undefined: it is built. Throws FLAG_INVALID. */
export function parseCall(flags: {
  readonly call?: string | undefined;
  readonly check?: boolean | undefined;
}): Call | undefined {
  const text = flags.call ?? '';
  const given = text === '' ? undefined : parseText(text);
  if (!flags.check) return given?.question === 'build' ? undefined : given;
  if (given && given.question !== 'lint')
    throw flagInvalid('--call', text, '--check is --call=check: give one of them');
  return given ?? { question: 'lint', format: 'text', ignoresStatus: false };
}

function parseText(text: string): Call {
  let question: string | undefined;
  let format = 'text';
  let ignoresStatus = 'false';
  for (const field of csvFields(text)) {
    const [name = '', value] = field.split(/=(.*)/s);
    if (value === undefined && question === undefined) question = name;
    else if (name === 'format' && value !== undefined) format = value;
    else if (name === 'ignorestatus' && value !== undefined) ignoresStatus = value;
    else throw flagInvalid('--call', text, `"${field}" is no part of it`);
  }
  if (format !== 'text' && format !== 'json') throw flagInvalid('--call', text, 'the format is text or json');
  if (question === undefined) throw flagInvalid('--call', text, 'write check, outline or targets');
  return {
    ...{ question: question === 'check' ? 'lint' : question, format },
    ignoresStatus: /^(?:1|t|true)$/i.test(ignoresStatus),
  };
}
