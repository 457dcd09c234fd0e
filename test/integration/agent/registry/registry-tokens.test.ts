import { createServer, type ServerResponse } from 'node:http';
import { closeServer, listen, startRegistry } from '../../../support/registry.js';
import { expectNothing, openPuller, serveImage, smallImage } from './support/misbehaving.js';

const alice = { username: 'alice', password: 'secret' };

/** A registry that wants a token of a server of its own; `isGood` says which tokens count. */
async function serveWithTokens(
  answerToken: (response: ServerResponse, count: number) => void,
  isGood: (header: string, path: string) => boolean,
) {
  let tokens = 0;
  const issuer = createServer((_request, response) => answerToken(response, ++tokens));
  const realm = `http://127.0.0.1:${await listen(issuer)}/token`;
  const registry = await serveImage((request, response) => {
    if (isGood(request.headers.authorization ?? '', request.url ?? '')) return false;
    response.writeHead(401, { 'WWW-Authenticate': `Bearer realm="${realm}",service="test"` }).end();
    return true;
  });
  return {
    ...registry,
    realm,
    tokens: () => tokens,
    closeIssuer: () => closeServer(issuer),
    async [Symbol.asyncDispose]() {
      await registry[Symbol.asyncDispose]();
      if (issuer.listening) await closeServer(issuer);
    },
  };
}

function respond(response: ServerResponse, body: string, status = 200): void {
  response.writeHead(status).end(body);
}

const giveToken = (response: ServerResponse, token: string): void =>
  void response.end(JSON.stringify({ token }));

test('a registry that takes no token is not asked for ever', async () => {
  await using registry = await serveWithTokens(
    (response, count) => giveToken(response, `token-${count}`),
    () => false,
  );
  await using opened = await openPuller();

  await expect(opened.pull(`${registry.host}/x`, { credentials: alice })).rejects.toThrow(
    /401|unauthorized/i,
  );
  expect(registry.tokens()).toBeLessThan(10);
  await expectNothing(opened);
});

test('a token that runs out in the middle of a pull is replaced', async () => {
  await using registry = await serveWithTokens(
    (response, count) => giveToken(response, `token-${count}`),
    (header, path) => header === (path.includes('/blobs/') ? 'Bearer token-2' : 'Bearer token-1'),
  );
  await using opened = await openPuller();

  await opened.pull(`${registry.host}/x`, { credentials: alice });

  expect(await opened.images.list()).toHaveLength(1);
  expect(registry.tokens()).toBe(2);
});

test('a token server that is down is named', async () => {
  await using registry = await serveWithTokens(
    (response) => giveToken(response, 'x'),
    () => false,
  );
  await registry.closeIssuer();
  await using opened = await openPuller();

  await expect(opened.pull(`${registry.host}/x`, { credentials: alice })).rejects.toThrow(
    `Get "${registry.realm}": dial tcp ${new URL(registry.realm).host}: connect: connection refused`,
  );
  await expectNothing(opened);
});

const endless = `{"token":"${'x'.repeat(2 << 20)}"}`;

test.each<[string, (response: ServerResponse) => void, string]>([
  ['answers nothing', () => {}, 'Client.Timeout exceeded'],
  ['has no token', (response) => respond(response, '{}'), 'did not include a token'],
  ['answers with a page', (response) => respond(response, '<html>'), 'did not include a token'],
  ['has an endless answer', (response) => respond(response, endless), 'is larger than 1048576 bytes'],
  ['is broken', (response) => respond(response, '', 500), 'received unexpected HTTP status: 500'],
])('a token server that %s ends the pull', async (_what, answer, expected) => {
  await using registry = await serveWithTokens(answer, () => false);
  await using opened = await openPuller({ stallMs: 500 });

  await expect(opened.pull(`${registry.host}/x`, { credentials: alice })).rejects.toThrow(expected);
  await expectNothing(opened);
});

test('a token server may be elsewhere by now: redirects are followed, the password stays with the first', async () => {
  const seen: (string | undefined)[] = [];
  const moved = createServer((request, response) => {
    seen.push(request.headers.authorization);
    giveToken(response, 'moved');
  });
  const to = `http://127.0.0.1:${await listen(moved)}/token`;
  try {
    await using registry = await serveWithTokens(
      (response) => void response.writeHead(307, { Location: to }).end(),
      (header) => header === 'Bearer moved',
    );
    await using opened = await openPuller();

    await opened.pull(`${registry.host}/x`, { credentials: alice });

    expect(seen).toEqual([undefined]);
  } finally {
    await closeServer(moved);
  }
});

test.each(['basic', 'token'] as const)(
  'each pull counts with its own credentials, and with none of an earlier one (%s)',
  async (auth) => {
    await using registry = await startRegistry({ auth });
    await using opened = await openPuller();
    await registry.push('x', '1', smallImage(1));
    const reference = `${registry.host}/x:1`;

    await opened.pull(reference, { credentials: alice });
    await expect(opened.pull(reference)).rejects.toThrow(/denied|no basic auth credentials/);
    const wrong = { username: 'alice', password: 'guess' };
    await expect(opened.pull(reference, { credentials: wrong })).rejects.toThrow(/unauthorized|denied/);
    await opened.pull(reference, { credentials: alice });
  },
);
