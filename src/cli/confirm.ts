import { createInterface } from 'node:readline/promises';

/** Asks on stderr, so that stdout stays clean; anything but y or yes is a no. */
export async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  return (await askYesOrNo(question, signal)) ?? false;
}

/** The same; undefined when the input ends without an answer. */
export async function askYesOrNo(question: string, signal: AbortSignal): Promise<boolean | undefined> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const closed = Promise.withResolvers<undefined>();
  prompt.once('close', () => closed.resolve(undefined));
  try {
    const answer = await Promise.race([prompt.question(`${question} (y/n): `, { signal }), closed.promise]);
    return answer === undefined ? undefined : /^y(es)?$/i.test(answer.trim());
  } finally {
    prompt.close();
  }
}
