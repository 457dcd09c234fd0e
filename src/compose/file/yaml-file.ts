import { type Document, LineCounter, parseAllDocuments, type ScalarTag, type YAMLParseError } from 'yaml';
import { yamlInvalid } from '../errors.js';
import type { Path } from './path.js';
import type { Mapping } from './value.js';
import { readContent } from './yaml-content.js';
import type { Source } from './yaml-nodes.js';
import { positionIn } from './yaml-position.js';

/** A document of a Compose file: its content, and where in the file each part of it is. */
export interface YamlDocument {
  readonly file: string;
  /** Without what `!reset` removes. */
  readonly content: Mapping;
  /** Paths tagged `!reset` and `!override`: what files before this one say there goes. */
  readonly replaced: readonly Path[];
  /** Of the value at the path, or of the closest one around it. */
  locate(path: Path): Position;
}

export interface Position {
  readonly line: number;
  readonly column: number;
  /** How many parts of the path are in the document. */
  readonly depth: number;
}

/** Throws COMPOSE_YAML_INVALID with file, line and column. */
export function readYaml(text: string, file: string): readonly YamlDocument[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    customTags: (tags) => [oldOctal, underscored, ...tags],
  });
  if ('empty' in documents) return [];
  return documents.flatMap((document) => {
    const error = document.errors[0];
    if (error) throw yamlInvalid(file, lines.linePos(error.pos[0]), messageOf(error, text));
    return composeDocument(document, file, lines);
  });
}

/** A number that begins with 0 is octal, as `mode: 0440` means it. */
const oldOctal: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^[-+]?0[0-7]+$/,
  resolve: (text) => Number.parseInt(text, 8),
};

/** `1_000` is a number for Compose's reader. */
const underscored: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^[-+]?[1-9]\d*_[\d_]*$/,
  resolve: (text) => Number(text.replaceAll('_', '')),
};

function composeDocument(document: Document.Parsed, file: string, lines: LineCounter): YamlDocument[] {
  const root = document.contents;
  if (root === null) return [];
  const source: Source = {
    document,
    fail: (node, message) => yamlInvalid(file, lines.linePos(node.range[0]), message),
  };
  const { content, replaced } = readContent(root, source);
  const locate = (path: Path) => {
    const { offset, depth } = positionIn(root, path, source);
    const { line, col } = lines.linePos(offset);
    return { line, column: col, depth };
  };
  return [{ file, content, replaced, locate }];
}

/** Names the key that is there twice. */
function messageOf({ code, message, pos }: YAMLParseError, text: string): string {
  const key = /^(?:"[^"\n]*"|'[^'\n]*'|[^:\n]+)/.exec(text.slice(pos[0]))?.[0] ?? '';
  return code === 'DUPLICATE_KEY' ? `mapping key "${key}" already defined` : firstLine(message);
}

function firstLine(message: string): string {
  return (message.split('\n', 1)[0] ?? message).replace(/ at line \d+, column \d+:?$/, '');
}
