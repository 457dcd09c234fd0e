import { connect } from 'node:net';
import { noBanner } from './errors.js';

/** RFC 4253 section 4.2 allows lines of text before the version string; no server sends this much of it. */
const maximumLength = 8192;

/**
 * Connects and reads until the server has said "SSH-…", which it does unasked. Resolves with that line.
 * Rejects with the socket's error, with the signal's reason, or when something else answers.
 */
export async function readSshBanner(host: string, port: number, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const socket = connect({ host, port });
  const abort = () => socket.destroy(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    let text = '';
    for await (const chunk of socket) {
      text += chunk;
      const banner = /^SSH-[^\r\n]*/m.exec(text);
      if (banner) return banner[0];
      if (text.length > maximumLength) break;
    }
    throw noBanner(text);
  } finally {
    signal.removeEventListener('abort', abort);
    socket.destroy();
  }
}
