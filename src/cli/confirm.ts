import { createInterface } from 'node:readline/promises';

/** Asks on stderr, so that stdout stays clean; anything but y or yes is a no. */
export async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const closed = Promise.withResolvers<string>();
  prompt.once('close', () => closed.resolve(''));
  try {
    const answer = await Promise.race([prompt.question(`${question} (y/n): `, { signal }), closed.promise]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    prompt.close();
  }
}
