import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { DecodeError, type Decoder } from '../../api/decode.js';
import { afterJson, goSyntaxError } from '../../api/json-syntax.js';
import type { TsmachineError } from '../../shared/errors.js';
import {
  bodyTooLarge,
  contentAfterJson,
  contentTypeMissing,
  contentTypeUnsupported,
  invalidJson,
} from './errors.js';

const limit = 16 * 1024 * 1024;

/**
 * Reads and decodes a JSON body as moby's httputils.ReadJSON does: an empty body is undefined, another content
 * type, a second document and a wrong type are refused.
 */
export async function readJson<T>(
  body: Readable,
  headers: IncomingHttpHeaders,
  decode: Decoder<T>,
): Promise<T | undefined> {
  const text = await readText(body);
  if (text.trim() === '') return undefined;
  checkContentType(headers['content-type']);
  try {
    return decode(JSON.parse(text), '');
  } catch (error) {
    if (error instanceof DecodeError) throw invalidJson(error.message);
    if (error instanceof SyntaxError) throw syntaxErrorOf(text, error);
    throw error;
  }
}

function syntaxErrorOf(text: string, error: SyntaxError): TsmachineError {
  const words = goSyntaxError(text);
  return words === afterJson ? contentAfterJson() : invalidJson(words ?? error.message);
}

async function readText(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw bodyTooLarge(limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function checkContentType(header = ''): void {
  const type = header.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === '') throw contentTypeMissing();
  if (type !== 'application/json') throw contentTypeUnsupported(type);
}
