import { StringDecoder } from 'node:string_decoder';

/** The JSON values of a stream that has one per line; an incomplete last line counts. Throws SyntaxError. */
export async function* jsonLines(source: AsyncIterable<Buffer>): AsyncGenerator<unknown> {
  const decoder = new StringDecoder('utf8');
  let pending = '';
  for await (const chunk of source) {
    const lines = (pending + decoder.write(chunk)).split('\n');
    pending = lines.pop() ?? '';
    yield* parseAll(lines);
  }
  yield* parseAll([pending + decoder.end()]);
}

function* parseAll(lines: readonly string[]): Generator<unknown> {
  for (const line of lines) if (line.trim() !== '') yield JSON.parse(line);
}
