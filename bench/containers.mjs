/** Containers that rows measure with. */

/** A container that does nothing for an hour; answers its ID. */
export async function startSleeper({ client, image }) {
  const { Id } = await client.json('POST', '/containers/create', { Image: image, Cmd: ['sleep', '3600'] });
  await client.send('POST', `/containers/${Id}/start`);
  return Id;
}

export async function removeContainer({ client }, id) {
  await client.send('DELETE', `/containers/${id}?force=1`);
}
