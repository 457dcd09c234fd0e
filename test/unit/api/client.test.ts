import fc from 'fast-check';
import { negotiateVersion } from '../../../src/api/client/api-version.js';
import { encodeFilters } from '../../../src/api/client/containers.js';
import { endpointUrl } from '../../../src/api/client/endpoint.js';
import { connectionError, engineError } from '../../../src/api/client/errors.js';
import { jsonLines } from '../../../src/api/client/json-lines.js';
import { requestPath } from '../../../src/api/client/request.js';

describe('negotiateVersion()', () => {
  it.each([
    ['1.24', '1.24'],
    ['1.9', '1.9'],
    ['1.43', '1.43'],
    ['1.51', '1.47'],
    ['2.0', '1.47'],
    [undefined, '1.47'],
    ['newest', '1.47'],
  ])('answers %s with %s', (engines, version) => {
    expect(negotiateVersion(engines)).toBe(version);
  });
});

describe('requestPath()', () => {
  it('writes booleans as 1 and 0 and leaves out what is undefined', () => {
    const query = { a: true, b: false, c: undefined, d: 'x y&z', e: 3 };

    expect(requestPath('1.43', { method: 'GET', path: '/p', query })).toBe('/v1.43/p?a=1&b=0&d=x+y%26z&e=3');
  });
});

describe('jsonLines()', () => {
  it('finds the same values however the bytes are cut', async () => {
    const values = fc.array(fc.record({ status: fc.string({ unit: 'grapheme' }) }), {
      minLength: 1,
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(values, fc.integer({ min: 1, max: 7 }), async (lines, size) => {
        const bytes = Buffer.from(lines.map((line) => JSON.stringify(line)).join('\r\n'));
        const found: unknown[] = [];

        for await (const value of jsonLines(pieces(bytes, size))) found.push(value);

        expect(found).toEqual(lines);
      }),
    );
  });
});

describe('encodeFilters()', () => {
  it('sends nothing for no filters', () => {
    expect([encodeFilters(undefined), encodeFilters({})]).toEqual([undefined, undefined]);
    expect(encodeFilters({ status: ['exited'] })).toBe('{"status":["exited"]}');
  });
});

describe('endpointUrl()', () => {
  it.each([
    [{ host: '10.0.0.1', port: 2376, ca: '', cert: '', key: '' }, 'tcp://10.0.0.1:2376'],
    [{ host: '::1', port: 2376, ca: '', cert: '', key: '' }, 'tcp://[::1]:2376'],
    [{ socketPath: '/run/docker.sock' }, 'unix:///run/docker.sock'],
  ])('writes %j', (endpoint, url) => {
    expect(endpointUrl(endpoint)).toBe(url);
  });
});

describe('errors', () => {
  it.each([
    [400, 'invalid-argument'],
    [404, 'not-found'],
    [409, 'conflict'],
    [500, 'internal'],
    [418, 'internal'],
  ])('engineError() gives status %d the kind %s', (status, kind) => {
    expect(engineError(status, 'words')).toMatchObject({
      ...{ kind, message: 'Error response from daemon: words', code: 'ENGINE_ERROR' },
    });
  });

  it.each([
    ['ECONNREFUSED', false, 'ENGINE_UNREACHABLE'],
    ['ECONNRESET', true, 'ENGINE_CONNECTION_LOST'],
    ['SELF_SIGNED_CERT_IN_CHAIN', false, 'CERTIFICATE_INVALID'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', false, 'CERTIFICATE_INVALID'],
    ['CERT_HAS_EXPIRED', false, 'CERTIFICATE_INVALID'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', true, 'CERTIFICATE_INVALID'],
  ])('connectionError() knows %s', (code, connected, expected) => {
    const error = Object.assign(new Error('words'), { code });

    expect(connectionError('tcp://h:1', error, connected).code).toBe(expected);
  });
});

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}
