import { dockerfileInvalid } from '../errors.js';

/** An instruction's text with its continuation lines joined and comments removed. */
export interface SourceLine {
  readonly text: string;
  /** Where it begins, from 1. */
  readonly line: number;
  /** Where it ends, heredocs included. */
  readonly endLine: number;
  readonly heredocs: readonly Heredoc[];
}

export interface Heredoc {
  readonly name: string;
  /** Not quoted: variables are replaced where an instruction does that. */
  readonly expand: boolean;
  readonly content: string;
}

export interface SourceLines {
  readonly lines: readonly SourceLine[];
  /** Set by the directive "escape". */
  readonly escapeToken: '\\' | '`';
}

/**
 * Cuts a Dockerfile into instructions (docs.docker.com, Dockerfile reference, "Format"): parser directives, comments,
 * continuation, heredocs of RUN, COPY and ADD. Throws DOCKERFILE_INVALID.
 */
export function sourceLines(source: string): SourceLines {
  const physical = source.replace(/^\uFEFF/, '').split(/\r?\n/);
  const escapeToken = escapeDirective(physical);
  const continues = escapeToken === '\\' ? /\\[ \t]*$/ : /`[ \t]*$/;
  const lines: SourceLine[] = [];
  for (let at = 0; at < physical.length; ) {
    const joined = joinLines(physical, at, continues);
    const line = at + 1;
    at = joined.next;
    if (joined.text.trim() === '') continue;
    const taken = takeHeredocs(joined.text, physical, at, line);
    at = taken.next;
    lines.push({ text: joined.text.trim(), line, endLine: at, heredocs: taken.heredocs });
  }
  return { lines, escapeToken };
}

const directive = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/;
const knownDirectives: ReadonlySet<string> = new Set(['escape', 'syntax', 'check']);

/** Directives stand before everything else; the first line that is none ends them. */
function escapeDirective(lines: readonly string[]): '\\' | '`' {
  const seen = new Map<string, string>();
  for (const [index, line] of lines.entries()) {
    const [, given = '', value = ''] = directive.exec(line.trimStart()) ?? [];
    const name = given.toLowerCase();
    if (!knownDirectives.has(name)) break;
    if (seen.has(name)) throw dockerfileInvalid(index + 1, `only one ${name} parser directive can be used`);
    if (name === 'escape' && value !== '\\' && value !== '`') {
      throw dockerfileInvalid(index + 1, `invalid escape token '${value}' does not match \` or \\`);
    }
    seen.set(name, value);
  }
  return seen.get('escape') === '`' ? '`' : '\\';
}

function joinLines(
  lines: readonly string[],
  from: number,
  continues: RegExp,
): { readonly text: string; readonly next: number } {
  const first = (lines[from] ?? '').trimStart();
  if (first.startsWith('#')) return { text: '', next: from + 1 };
  const parts: string[] = [];
  let at = from;
  for (let line: string | undefined = first; line !== undefined; line = lines[at]) {
    at++;
    const isNoise = at > from + 1 && (line.trim() === '' || line.trimStart().startsWith('#'));
    if (isNoise) continue; // between continued lines
    parts.push(line.replace(continues, ''));
    if (!continues.test(line)) break;
  }
  return { text: parts.join(''), next: at };
}

const heredocWord = /(?:^|\s)\d*<<(-?)(?:(["'])([^<"'\s]+)\2|([^<"'\s]+))/g;

function takeHeredocs(
  text: string,
  lines: readonly string[],
  from: number,
  line: number,
): { readonly heredocs: readonly Heredoc[]; readonly next: number } {
  const heredocs: Heredoc[] = [];
  let at = from;
  if (!/^\s*(?:onbuild\s+)?(?:run|copy|add)\s/i.test(text)) return { heredocs, next: at };
  if (/^\s*run\s+(?:--\S+\s+)*\[/i.test(text)) return { heredocs, next: at };
  for (const [, dash = '', , quoted, plain] of text.matchAll(heredocWord)) {
    const name = quoted ?? plain ?? '';
    const body: string[] = [];
    for (;;) {
      const next = lines[at];
      if (next === undefined) throw dockerfileInvalid(line, 'unterminated heredoc');
      at++;
      const stripped = dash ? next.replace(/^\t+/, '') : next;
      if (stripped === name) break;
      body.push(`${stripped}\n`);
    }
    heredocs.push({ name, expand: quoted === undefined, content: body.join('') });
  }
  return { heredocs, next: at };
}
