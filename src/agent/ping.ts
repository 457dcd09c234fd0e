import { request } from 'node:http';

/** Resolves when the agent on the socket answers `/_ping` within the time. */
export async function ping(socketPath: string, timeoutMs: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const signal = AbortSignal.timeout(timeoutMs);
  const asked = request({ socketPath, path: '/_ping', agent: false, signal }, (response) => {
    response.resume();
    if (response.statusCode === 200) resolve();
    else reject(new Error(`the agent answered ${response.statusCode}`));
  });
  asked.once('error', reject);
  asked.end();
  return promise;
}
