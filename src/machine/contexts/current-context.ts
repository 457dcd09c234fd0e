import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../shared/atomic-file.js';
import { systemErrorCode, TsmachineError } from '../../shared/errors.js';
import { isJsonObject, type JsonObject } from '../../shared/json.js';

/** The context that docker takes: DOCKER_HOST's, DOCKER_CONTEXT, or what its configuration file says. */
export async function currentContext(environment: NodeJS.ProcessEnv, dockerConfig: string): Promise<string> {
  if (environment['DOCKER_HOST']) return 'default';
  const { currentContext: chosen } = await readConfig(dockerConfig);
  return environment['DOCKER_CONTEXT'] || (typeof chosen === 'string' && chosen) || 'default';
}

/** Writes it into docker's configuration file, of which all else stays. Throws DOCKER_CONFIG_UNREADABLE. */
export async function chooseContext(dockerConfig: string, name: string): Promise<void> {
  const { currentContext: _, ...others } = await readConfig(dockerConfig);
  const chosen = name === 'default' ? others : { ...others, currentContext: name };
  await writeFileAtomically(configFile(dockerConfig), JSON.stringify(chosen, undefined, '\t'));
}

function configFile(dockerConfig: string): string {
  return join(dockerConfig, 'config.json');
}

async function readConfig(dockerConfig: string): Promise<JsonObject> {
  const path = configFile(dockerConfig);
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (isJsonObject(value)) return value;
  } catch (cause) {
    if (systemErrorCode(cause) === 'ENOENT') return {};
  }
  // Its content is not quoted: it may hold passwords.
  throw new TsmachineError('invalid-argument', 'DOCKER_CONFIG_UNREADABLE', `"${path}" is no JSON object`, {
    hints: ['repair it, or name another directory in DOCKER_CONFIG'],
  });
}
