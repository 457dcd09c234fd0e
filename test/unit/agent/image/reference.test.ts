import fc from 'fast-check';
import {
  familiarName,
  familiarReference,
  formatReference,
  parseReference,
  withDefaultTag,
} from '../../../../src/agent/image/reference.js';

const hex = 'a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4';

describe('parseReference()', () => {
  test.each([
    ['busybox', 'docker.io/library/busybox', 'busybox'],
    ['busybox:1', 'docker.io/library/busybox:1', 'busybox:1'],
    ['docker.io/busybox', 'docker.io/library/busybox', 'busybox'],
    ['index.docker.io/a/b', 'docker.io/a/b', 'a/b'],
    ['a/b', 'docker.io/a/b', 'a/b'],
    ['localhost/a', 'localhost/a', 'localhost/a'],
    ['localhost:5000/a/b:tag', 'localhost:5000/a/b:tag', 'localhost:5000/a/b:tag'],
    ['127.0.0.1:5000/a', '127.0.0.1:5000/a', '127.0.0.1:5000/a'],
    ['[::1]:5000/a', '[::1]:5000/a', '[::1]:5000/a'],
    ['Registry/a', 'Registry/a', 'Registry/a'],
    [`ghcr.io/x/y@sha256:${hex}`, `ghcr.io/x/y@sha256:${hex}`, `ghcr.io/x/y@sha256:${hex}`],
    [`x:1@sha256:${hex}`, `docker.io/library/x:1@sha256:${hex}`, `x:1@sha256:${hex}`],
    ['a__b--c.d_e', 'docker.io/library/a__b--c.d_e', 'a__b--c.d_e'],
    ['docker.io/library/a/b', 'docker.io/library/a/b', 'library/a/b'],
  ])('normalises %s', (text, whole, familiar) => {
    const reference = parseReference(text);

    expect(formatReference(reference)).toBe(whole);
    expect(familiarReference(reference)).toBe(familiar);
  });

  test('refuses an upper-case repository', () => {
    expect(() => parseReference('BusyBox')).toThrow('must be lowercase');
    expect(() => parseReference('localhost:5000/Busy')).toThrow('must be lowercase');
  });

  test.each([
    '',
    ':tag',
    'a//b',
    '/a',
    'a:',
    'a:-x',
    'a@sha256:12',
    '-a',
    'a b',
    'a..b',
    `a:${'t'.repeat(129)}`,
  ])('refuses %p as an invalid reference format', (text) => {
    expect(() => parseReference(text)).toThrow('invalid reference format');
  });

  test('refuses 64 hexadecimal digits, which are an ID', () => {
    expect(() => parseReference(hex)).toThrow('invalid reference format');
  });

  test('reads back what it formats, in both forms', () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,8}(?:[._-][a-z0-9]{1,5})?$/);
    const domain = fc.constantFrom('docker.io', 'localhost', 'localhost:5000', 'ghcr.io', '10.0.0.1:80');
    const tag = fc.option(fc.stringMatching(/^\w[\w.-]{0,20}$/), { nil: undefined });
    fc.assert(
      fc.property(domain, fc.array(part, { minLength: 1, maxLength: 3 }), tag, (domain, parts, tag) => {
        // docker's familiar form of docker.io/a.b/c is a.b/c, which names another registry
        fc.pre(domain !== 'docker.io' || parts.length === 1 || !parts[0]?.includes('.'));
        const reference = parseReference(`${domain}/${parts.join('/')}${tag ? `:${tag}` : ''}`);

        expect(parseReference(formatReference(reference))).toEqual(reference);
        expect(parseReference(familiarReference(reference))).toEqual(reference);
        expect(parseReference(familiarName(reference)).path).toBe(reference.path);
      }),
    );
  });
});

describe('withDefaultTag()', () => {
  test('adds latest only where neither tag nor digest is', () => {
    expect(withDefaultTag(parseReference('a')).tag).toBe('latest');
    expect(withDefaultTag(parseReference('a:1')).tag).toBe('1');
    expect(withDefaultTag(parseReference(`a@sha256:${hex}`)).tag).toBeUndefined();
  });
});
