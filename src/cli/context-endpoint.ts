import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { StoredContext, TlsMaterial, WholeContext } from '../machine/contexts/context-store.js';
import { endpointInvalid } from '../machine/contexts/errors.js';
import { errorMessage } from '../shared/errors.js';
import type { JsonObject } from '../shared/json.js';
import { csvFields } from './docker/csv.js';
import { fileUnreadable, flagInvalid } from './docker/errors.js';

export interface ContextEndpoint {
  readonly endpoints: JsonObject;
  readonly tls: TlsMaterial;
}

/**
 * `--docker host=tcp://…,ca=FILE,cert=FILE,key=FILE,skip-tls-verify=true`, or `--docker from=CONTEXT`, where all else
 * counts for nothing, as with docker. Throws FLAG_INVALID, CONTEXT_ENDPOINT_INVALID, FILE_UNREADABLE, and what `read` throws.
 */
export async function parseDockerEndpoint(
  flags: readonly string[],
  read: (context: string) => Promise<WholeContext>,
): Promise<ContextEndpoint> {
  const options = endpointOptions(flags);
  const from = options.get('from');
  if (from !== undefined) {
    const { endpoints, tls } = await read(from);
    return { endpoints, tls };
  }
  const host = options.get('host') ?? '';
  if (host !== '' && !/^[a-z]+:\/\/./.test(host)) {
    throw endpointInvalid(`unable to parse docker host \`${host}\``);
  }
  const tls = await tlsFiles(options);
  const SkipTLSVerify = booleanOption(options.get('skip-tls-verify'));
  return { endpoints: { docker: { ...(host !== '' && { Host: host }), SkipTLSVerify } }, tls };
}

/** Docker's context "default": what DOCKER_HOST, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH say. */
export async function environmentContext(
  environment: NodeJS.ProcessEnv,
  dockerConfig: string,
): Promise<WholeContext> {
  const isVerified = Boolean(environment['DOCKER_TLS_VERIFY']);
  const directory = environment['DOCKER_CERT_PATH'] || dockerConfig;
  const files = isVerified ? ['ca.pem', 'cert.pem', 'key.pem'] : [];
  const read = async (file: string) => [file, await readPem(join(directory, file))];
  return {
    ...environmentMeta(environment),
    tls: isVerified ? { docker: Object.fromEntries(await Promise.all(files.map(read))) } : {},
  };
}

/** Without its keys. */
export function environmentMeta(environment: NodeJS.ProcessEnv): StoredContext {
  const Host = environment['DOCKER_HOST'] || 'unix:///var/run/docker.sock';
  return {
    name: 'default',
    metadata: { Description: 'Current DOCKER_HOST based configuration' },
    endpoints: { docker: { Host, SkipTLSVerify: false } },
  };
}

const keys = ['from', 'host', 'ca', 'cert', 'key', 'skip-tls-verify'];

function endpointOptions(flags: readonly string[]): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (const flag of flags) {
    const fields = csvFields(flag);
    if (fields.length === 0) throw flagInvalid('--docker', flag, 'write KEY=VALUE');
    for (const field of fields) {
      const [key = '', value] = field.split(/=(.*)/s);
      if (value === undefined) throw flagInvalid('--docker', flag, `"${field}" is not of the form KEY=VALUE`);
      if (!keys.includes(key)) throw endpointInvalid(`unrecognized config key: ${key}`);
      options.set(key, value);
    }
  }
  return options;
}

async function tlsFiles(options: ReadonlyMap<string, string>): Promise<TlsMaterial> {
  const files: Record<string, string> = {};
  for (const key of ['ca', 'cert', 'key']) {
    const path = options.get(key);
    if (path) files[`${key}.pem`] = await readPem(path);
  }
  const { 'ca.pem': ca, 'cert.pem': cert, 'key.pem': key } = files;
  try {
    createSecureContext({ ca, cert, key });
  } catch (cause) {
    throw endpointInvalid(
      `the certificates and the key do not go together or cannot be read: ${errorMessage(cause)}`,
    );
  }
  return Object.keys(files).length > 0 ? { docker: files } : {};
}

async function readPem(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw fileUnreadable(path, cause);
  });
}

/** As Go's strconv.ParseBool. */
function booleanOption(text: string | undefined): boolean {
  if (text === undefined || ['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false;
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true;
  throw endpointInvalid(`skip-tls-verify: parsing "${text}": invalid syntax`);
}
