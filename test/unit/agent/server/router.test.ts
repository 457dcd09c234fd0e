import { del, get, head, json, post } from '../../../../src/agent/server/route.js';
import { Router } from '../../../../src/agent/server/router.js';

const handle = async () => json(200, {});
const router = new Router([
  get('/containers/json', handle),
  get('/containers/{name}/json', handle),
  post('/containers/{name}/start', handle),
  get('/images/json', handle),
  get('/images/{name:path}/json', handle),
  del('/images/{name:path}', handle),
  head('/_ping', handle),
  get('/volumes', handle, '1.25'),
]);

function match(method: string, path: string, version = '1.47') {
  const found = router.match(method, path, version as '1.47');
  return found && [found.route.path, found.params];
}

test('match() prefers what stands first in the table', () => {
  expect(match('GET', '/containers/json')).toEqual(['/containers/json', {}]);
  expect(match('GET', '/containers/web/json')).toEqual(['/containers/{name}/json', { name: 'web' }]);
});

test('match() gives a path parameter its slashes', () => {
  expect(match('GET', '/images/localhost:5000/team/app:1/json')).toEqual([
    '/images/{name:path}/json',
    { name: 'localhost:5000/team/app:1' },
  ]);
  expect(match('DELETE', '/images/a/b')).toEqual(['/images/{name:path}', { name: 'a/b' }]);
});

test('match() decodes parameters, and finds nothing for a malformed escape', () => {
  expect(match('GET', '/images/a%2Fb%3A1/json')).toEqual(['/images/{name:path}/json', { name: 'a/b:1' }]);
  expect(match('GET', '/containers/%zz/json')).toBeUndefined();
});

test('match() keeps one segment to one segment, and methods apart', () => {
  expect(match('POST', '/containers/a/b/start')).toBeUndefined();
  expect(match('GET', '/containers/a/start')).toBeUndefined();
  expect(match('GET', '/_ping')).toBeUndefined();
});

test('match() hides a route from clients that are older than it', () => {
  expect(match('GET', '/volumes', '1.24')).toBeUndefined();
  expect(match('GET', '/volumes', '1.25')).toEqual(['/volumes', {}]);
});
