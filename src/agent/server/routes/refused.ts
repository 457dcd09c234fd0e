import { notSupported, notSwarmManager, notSwarmMember } from '../errors.js';
import { type ApiResponse, del, get, json, post, put, type Route } from '../route.js';

/** End points of Docker's that this engine lacks: refused by name, so that nobody looks for a mistyped path. */
export function refusedRoutes(): readonly Route[] {
  return [...swarmRoutes(), ...pluginRoutes()];
}

/** What an engine outside a swarm answers; clients print and match it. */
function swarmRoutes(): readonly Route[] {
  const collections = ['nodes', 'services', 'tasks', 'secrets', 'configs'] as const;
  return [
    get('/swarm', outsideSwarm),
    put('/volumes/{name}', outsideSwarm),
    post('/swarm/init', refuse('swarm mode')),
    post('/swarm/join', refuse('swarm mode')),
    post('/swarm/leave', async () => {
      throw notSwarmMember();
    }),
    post('/swarm/update', outsideSwarm),
    post('/swarm/unlock', outsideSwarm),
    get('/swarm/unlockkey', outsideSwarm),
    ...collections.flatMap((name) => [
      get(`/${name}`, outsideSwarm),
      get(`/${name}/{id}`, outsideSwarm),
      ...(name === 'tasks'
        ? []
        : [del(`/${name}/{id}`, outsideSwarm), post(`/${name}/{id}/update`, outsideSwarm)]),
      ...(name === 'nodes' || name === 'tasks' ? [] : [post(`/${name}/create`, outsideSwarm)]),
      ...(name === 'services' || name === 'tasks' ? [get(`/${name}/{id}/logs`, outsideSwarm)] : []),
    ]),
  ];
}

/** Managed plugins are images that run beside the engine; the list of them is empty. */
function pluginRoutes(): readonly Route[] {
  const managed = refuse('managed plugins');
  return [
    get('/plugins', async () => json(200, [])),
    get('/plugins/privileges', managed),
    post('/plugins/pull', managed),
    post('/plugins/create', managed),
    get('/plugins/{name:path}/json', managed),
    del('/plugins/{name:path}', managed),
    ...(['enable', 'disable', 'upgrade', 'push', 'set'] as const).map((verb) =>
      post(`/plugins/{name:path}/${verb}`, managed),
    ),
  ];
}

async function outsideSwarm(): Promise<ApiResponse> {
  throw notSwarmManager();
}

function refuse(what: string): () => Promise<ApiResponse> {
  return async () => {
    throw notSupported(what);
  };
}
