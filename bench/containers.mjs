/** Containers that rows measure with. */

/** A container that does nothing for an hour; answers its ID. */
export function startSleeper(engine) {
  return startContainer(engine, ['sleep', '3600']);
}

export async function startContainer(engine, command, options = {}) {
  const id = await createContainer(engine, command, options);
  await engine.client.send('POST', `/containers/${id}/start`);
  return id;
}

export async function createContainer({ client, image }, command, options = {}) {
  const { Id } = await client.json('POST', '/containers/create', { Image: image, Cmd: command, ...options });
  return Id;
}

/** As many at once as there are. */
export function removeContainers(engine, ids) {
  return Promise.all(ids.map((id) => removeContainer(engine, id)));
}

export async function removeContainer({ client }, id) {
  await client.send('DELETE', `/containers/${id}?force=1`);
}
