import fc from 'fast-check';
import { run } from '../../../src/shared/spawn.js';
import { fragment, quote, rawCommand, sh } from '../../../src/ssh/command.js';

/** What a POSIX shell passes on as arguments, each ended by NUL. */
async function words(command: string): Promise<readonly string[]> {
  const { stdout } = await run(['sh', '-c', `set -- ${command}; [ $# -eq 0 ] || printf '%s\\0' "$@"`]);
  return stdout.split('\0').slice(0, -1);
}

/** Any text that can be an argument: no NUL, and UTF-8 that survives a round trip. */
const word = fc
  .oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({
      unit: fc.constantFrom("'", '"', '\\', '$', '`', ' ', '\n', '*', '~', '!', '#', 'a', '-', '='),
    }),
  )
  .filter((text) => !text.includes('\0'));

test('sh passes any words through a real shell as they are', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 20 }), async (list) => {
      expect(await words(sh`${list}`)).toEqual(list);
    }),
    { numRuns: 150 },
  );
});

test('sh passes one value as one word, also beside other text', async () => {
  await fc.assert(
    fc.asyncProperty(word, async (text) => {
      expect(await words(sh`a ${text} pre${text}`)).toEqual(['a', text, `pre${text}`]);
    }),
    { numRuns: 50 },
  );
});

test('sh keeps simple words readable', () => {
  expect(sh`mv ${'/etc/a-b.conf'} ${'C:x@y'} ${7}`).toBe('mv /etc/a-b.conf C:x@y 7');
});

test('sh makes no word of an empty array, and an empty word of an empty text', async () => {
  expect(await words(sh`a ${[]} b ${''}`)).toEqual(['a', 'b', '']);
});

test('sh puts a fragment in as it is, and a nested command as one word', async () => {
  const inner = sh`echo ${"it's"}`;

  expect(await words(sh`sh -c ${inner}`)).toEqual(['sh', '-c', "echo 'it'\\''s'"]);
  expect(await words(sh`${fragment(inner)} last`)).toEqual(['echo', "it's", 'last']);
});

test('rawCommand() changes nothing', () => {
  expect(rawCommand('a | b > "$c"')).toBe('a | b > "$c"');
});

test('quote() keeps an assignment from being one only by its place', () => {
  expect(quote('A=1')).toBe('A=1');
  expect(quote('~')).toBe("'~'");
});
