import fc from 'fast-check';
import { DetachWatcher, parseDetachKeys } from '../../../../../src/agent/engine/containers/detach-keys.js';

test.each([
  [undefined, [16, 17]],
  ['', [16, 17]],
  ['ctrl-a,x', [1, 120]],
  ['ctrl-@,ctrl-[,ctrl-\\,ctrl-_', [0, 27, 28, 31]],
  ['ctrl-z', [26]],
])('parseDetachKeys(%j) is %j', (text, bytes) => {
  expect([...parseDetachKeys(text)]).toEqual(bytes);
});

test.each(['ctrl-', 'ctrl-1', 'ctrl-A', 'ab', 'a,,b', 'é'])('parseDetachKeys(%j) is refused', (text) => {
  expect(() => parseDetachKeys(text)).toThrow(`Invalid detach keys (${text}) provided`);
});

describe('DetachWatcher', () => {
  const take = (watcher: DetachWatcher, text: string) => {
    const { input, detached } = watcher.take(Buffer.from(text));
    return [input.toString(), detached];
  };

  test('finds the keys within one piece and across two, and keeps them from the process', () => {
    expect(take(new DetachWatcher(Buffer.from('pq')), 'abpqc')).toEqual(['ab', true]);
    const watcher = new DetachWatcher(Buffer.from('pq'));
    expect(take(watcher, 'abp')).toEqual(['ab', false]);
    expect(take(watcher, 'q')).toEqual(['', true]);
  });

  test('gives back what only looked like the beginning', () => {
    const watcher = new DetachWatcher(Buffer.from('aab'));
    expect(take(watcher, 'aa')).toEqual(['', false]);
    expect(take(watcher, 'a')).toEqual(['a', false]);
    expect(take(watcher, 'c')).toEqual(['aac', false]);
  });

  test('finds what a search in the whole input finds, however it is cut', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 20 });
    const keys = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(keys, fc.array(letters, { maxLength: 8 }), (wanted, pieces) => {
        const watcher = new DetachWatcher(Buffer.from(wanted));
        let seen = '';
        let found = false;
        for (const piece of pieces) {
          const { input, detached } = watcher.take(Buffer.from(piece));
          seen += input.toString();
          found = detached;
          if (found) break;
        }
        const whole = pieces.join('');
        expect(found).toBe(whole.includes(wanted));
        if (found) expect(seen).toBe(whole.slice(0, whole.indexOf(wanted)));
        else expect(whole.startsWith(seen)).toBe(true);
      }),
    );
  });
});
