import { request } from 'node:http';
import { errorMessage } from '../../shared/errors.js';
import { isJsonObject } from '../../shared/json.js';
import { pluginFailed } from './errors.js';
import type { PluginAddress } from './plugin-directory.js';

type Answer = Readonly<Record<string, unknown>>;

const mediaType = 'application/vnd.docker.plugins.v1.1+json';
const largestAnswer = 16 * 1024 * 1024;

/**
 * One call of Docker's plugin protocol: POST of a JSON object to "/VolumeDriver.Create" and the like. Throws
 * PLUGIN_FAILED with the plugin's own words, or why it did not answer in time.
 */
export async function callPlugin(
  address: PluginAddress,
  method: string,
  body: object,
  timeoutMs: number,
): Promise<Answer> {
  const { status, text } = await exchange(address, method, JSON.stringify(body), timeoutMs).catch((error) => {
    const url =
      'socketPath' in address ? `http://${encodeURIComponent(address.socketPath)}` : `http://${address.host}`;
    throw pluginFailed(`Post "${url}/${method}": ${errorMessage(error)}`, error);
  });
  const answer = parse(text);
  const reason = typeof answer?.['Err'] === 'string' ? answer['Err'] : '';
  if (status !== 200) throw pluginFailed(`${method}: ${reason || text.trim()}`);
  if (!answer) throw pluginFailed(`${method}: the plugin's answer is not JSON`);
  if (reason !== '') throw pluginFailed(`${method}: ${reason}`);
  return answer;
}

async function exchange(address: PluginAddress, method: string, body: string, timeoutMs: number) {
  const { promise, resolve, reject } = Promise.withResolvers<{
    readonly status: number;
    readonly text: string;
  }>();
  const headers = { accept: mediaType, 'content-type': mediaType, 'content-length': Buffer.byteLength(body) };
  const options = { ...address, path: `/${method}`, method: 'POST', headers, agent: false };
  const outgoing = request(options, (response) => {
    const chunks: Buffer[] = [];
    let length = 0;
    response.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > largestAnswer) outgoing.destroy(new Error('the answer is too long'));
      else chunks.push(chunk);
    });
    response.once('error', reject);
    response.once('end', () =>
      resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
    );
  });
  outgoing.once('error', reject);
  const timer = setTimeout(() => outgoing.destroy(new Error('context deadline exceeded')), timeoutMs);
  outgoing.end(body);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

function parse(text: string): Answer | undefined {
  try {
    const value: unknown = text.trim() === '' ? {} : JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
