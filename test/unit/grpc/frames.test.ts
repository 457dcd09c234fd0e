import { frame, readFrames } from '../../../src/grpc/frames.js';

async function read(chunks: readonly Buffer[]): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const body of readFrames(
    (async function* () {
      yield* chunks;
    })(),
  ))
    found.push(body.toString());
  return found;
}

test('messages are found however the stream is cut', async () => {
  const whole = Buffer.concat(['', 'a', 'bc'.repeat(300)].map((text) => frame(Buffer.from(text))));

  for (const size of [1, 2, 7, 1000]) {
    const chunks = Array.from({ length: Math.ceil(whole.length / size) }, (_, at) =>
      whole.subarray(at * size, (at + 1) * size),
    );
    expect(await read(chunks)).toEqual(['', 'a', 'bc'.repeat(300)]);
  }
});

test.each([
  ['cut off', Buffer.from([0, 0, 0, 0, 9, 1]), 'it ends within a message'],
  ['compressed', Buffer.from([1, 0, 0, 0, 0]), 'compressed'],
  ['of 4 GiB', Buffer.from([0, 255, 255, 255, 255]), 'is larger than'],
])('a message that is %s is refused', async (_, chunk, wanted) => {
  await expect(read([chunk])).rejects.toThrow(wanted);
});
