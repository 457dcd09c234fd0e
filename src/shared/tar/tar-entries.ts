import type { Readable } from 'node:stream';
import { zeroChunks } from './sparse-content.js';
import type { TarEntry } from './tar-entry.js';
import { TarParser } from './tar-parser.js';

export interface TarMember {
  readonly entry: TarEntry;
  /** Read before the next member is asked for; what is left of it is skipped. */
  readonly content: AsyncIterableIterator<Buffer>;
}

type Event = { readonly begin: TarEntry } | { readonly data: Buffer } | { readonly hole: number } | 'end';

/**
 * The members of a tar archive one after the other, for readers that work asynchronously; `readTar` is quicker. The
 * stream is destroyed when the reader stops. Throws TAR_INVALID, or the stream's error.
 */
export async function* tarEntries(
  stream: Readable,
  onBytes: (chunk: Buffer) => void = () => {},
): AsyncGenerator<TarMember> {
  const events = eventsOf(stream, onBytes);
  try {
    for (;;) {
      const { value: event, done } = await events.next();
      if (done) return;
      if (typeof event !== 'object' || !('begin' in event)) continue; // what the reader did not want
      const content = contentOf(events);
      yield { entry: event.begin, content };
      for await (const _rest of content) {
        // to the next member
      }
    }
  } finally {
    stream.destroy();
  }
}

async function* contentOf(events: AsyncIterator<Event>): AsyncGenerator<Buffer> {
  for (;;) {
    const { value: event, done } = await events.next();
    if (done || event === 'end' || 'begin' in event) return;
    if ('hole' in event) yield* zeroChunks(event.hole);
    else yield event.data;
  }
}

async function* eventsOf(stream: Readable, onBytes: (chunk: Buffer) => void): AsyncGenerator<Event> {
  const events: Event[] = [];
  const parser = new TarParser({
    begin: (entry) => void events.push({ begin: entry }),
    data: (chunk) => void events.push({ data: chunk }),
    hole: (length) => void events.push({ hole: length }),
    end: () => void events.push('end'),
  });
  for await (const piece of stream) {
    const bytes: Buffer = piece;
    onBytes(bytes);
    parser.write(bytes);
    yield* events.splice(0);
  }
  parser.close();
}
