import { createServer, type RequestListener } from 'node:http';
import { RegistryDirectory } from '../../../../src/agent/registry/registry-directory.js';
import { searchPlace } from '../../../../src/agent/registry/registry-search.js';
import { closeServer, listen, startRegistry } from '../../../support/registry.js';

const { signal } = new AbortController();
const directory = new RegistryDirectory({});

async function hubLike(handle: RequestListener) {
  const server = createServer(handle);
  const host = `127.0.0.1:${await listen(server)}`;
  return { host, [Symbol.asyncDispose]: () => closeServer(server) };
}

test('asks as docker does, with the login, and answers what is found', async () => {
  const asked: string[] = [];
  await using hub = await hubLike(({ url, headers }, response) => {
    asked.push(`${url} ${headers.authorization}`);
    const results = [1, 2, 3].map((stars) => ({
      name: `n${stars}`,
      star_count: stars,
      is_official: stars > 2,
    }));
    response.end(JSON.stringify({ num_results: 3, query: 'nginx', results }));
  });

  const term = `${hub.host}/team/nginx`;
  const credentials = { username: 'a', password: 'b' };
  const found = await directory.search({ term, limit: 2, credentials, signal });

  expect(asked).toEqual(['/v1/search?q=team%2Fnginx&n=2 Basic YTpi']);
  expect(found.map(({ name }) => name)).toEqual(['n1', 'n2']);
});

test('does not take the login along to another host', async () => {
  const seen: (string | undefined)[] = [];
  await using other = await hubLike(({ headers }, response) => {
    seen.push(headers.authorization);
    response.end('{"results":[]}');
  });
  await using hub = await hubLike((_, response) => {
    response.writeHead(302, { Location: `http://${other.host}/v1/search` }).end();
  });

  const credentials = { username: 'a', password: 'b' };
  await directory.search({ term: `${hub.host}/x`, limit: 2, credentials, signal });

  expect(seen).toEqual([undefined]);
});

test('a registry without a search is told in words of docker', async () => {
  await using registry = await startRegistry();
  const search = directory.search({ term: `${registry.host}/x`, limit: 5, credentials: undefined, signal });

  await expect(search).rejects.toThrow('Unexpected status code 404');
});

test.each([
  ['nginx', 'index.docker.io', 'nginx'],
  ['library/nginx', 'index.docker.io', 'nginx'],
  ['team/nginx', 'index.docker.io', 'team/nginx'],
  ['docker.io/team/nginx', 'index.docker.io', 'team/nginx'],
  ['example.com/team/nginx', 'example.com', 'team/nginx'],
])('%s is searched at %s', (term, host, query) => {
  expect(searchPlace(term)).toEqual({ host, query });
});
