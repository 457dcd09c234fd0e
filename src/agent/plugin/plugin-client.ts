import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { errorMessage } from '../../shared/errors.js';
import { isJsonObject, type JsonObject } from '../../shared/json.js';
import { pluginFailed, pluginMethodUnknown } from './errors.js';
import type { PluginAddress } from './plugin-directory.js';

export type PluginAnswer = JsonObject;

const mediaType = 'application/vnd.docker.plugins.v1.1+json';
const largestAnswer = 16 * 1024 * 1024;

/**
 * One call of Docker's plugin protocol: POST of a JSON object to "/VolumeDriver.Create" and the like. Throws
 * PLUGIN_METHOD_UNKNOWN, PLUGIN_FAILED with the plugin's own words, or why it did not answer in time.
 */
export async function callPlugin(
  address: PluginAddress,
  method: string,
  body: object,
  timeoutMs: number,
): Promise<PluginAnswer> {
  const { status, text } = await exchange(address, method, JSON.stringify(body), timeoutMs).catch((error) => {
    const url =
      'socketPath' in address ? `http://${encodeURIComponent(address.socketPath)}` : `http://${address.host}`;
    throw pluginFailed(`Post "${url}/${method}": ${errorMessage(error)}`, error);
  });
  const answer = parse(text);
  const reason = [answer?.['Err'], answer?.['Error']].find((each) => typeof each === 'string' && each !== '');
  if (status === 404) throw pluginMethodUnknown(method);
  if (status !== 200) throw pluginFailed(`${method}: ${reason ?? text.trim()}`);
  if (!answer) throw pluginFailed(`${method}: the plugin's answer is not JSON`);
  if (reason !== undefined) throw pluginFailed(`${method}: ${reason}`);
  return answer;
}

async function exchange(address: PluginAddress, method: string, body: string, timeoutMs: number) {
  const { promise, resolve, reject } = Promise.withResolvers<{
    readonly status: number;
    readonly text: string;
  }>();
  const headers = { accept: mediaType, 'content-type': mediaType, 'content-length': Buffer.byteLength(body) };
  const options = { ...(await target(address)), path: `/${method}`, method: 'POST', headers, agent: false };
  const send = 'tls' in address ? secureRequest : request;
  const outgoing = send(options, (response) => {
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

/** Certificates are read for each call: they may be new. */
async function target(address: PluginAddress) {
  if (!('tls' in address)) return address;
  const { host, port, tls } = address;
  const [ca, cert, key] = await Promise.all(
    [tls.ca, tls.certificate, tls.key].map((path) => (path === '' ? undefined : readFile(path))),
  );
  return { host, port, ca, cert, key, rejectUnauthorized: !tls.insecure };
}

function parse(text: string): PluginAnswer | undefined {
  try {
    const value: unknown = text.trim() === '' ? {} : JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
