import fc from 'fast-check';
import { encodeFrame, FrameDecoder, type StreamName } from '../../../src/api/multiplex.js';

test('FrameDecoder gives back the bytes of each stream however the connection cuts them', () => {
  const frame = fc.record({
    stream: fc.constantFrom<StreamName>('stdout', 'stderr'),
    payload: fc.uint8Array({ maxLength: 300 }),
  });
  fc.assert(
    fc.property(fc.array(frame), fc.integer({ min: 1, max: 50 }), (frames, size) => {
      const wire = Buffer.concat(frames.map(({ stream, payload }) => encodeFrame(stream, payload)));

      const decoder = new FrameDecoder();
      const decoded: Record<string, Buffer[]> = { stdout: [], stderr: [] };
      for (let at = 0; at < wire.length; at += size) {
        for (const { stream, payload } of decoder.push(wire.subarray(at, at + size)))
          decoded[stream]?.push(payload);
      }

      for (const stream of ['stdout', 'stderr'] as const) {
        const sent = Buffer.concat(frames.filter((one) => one.stream === stream).map((one) => one.payload));
        expect(Buffer.concat(decoded[stream] ?? [])).toEqual(sent);
      }
    }),
  );
});
