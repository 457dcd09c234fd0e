import { isJsonObject } from '../shared/json.js';
import { renderTemplate } from '../shared/template.js';
import { fragment, type ShellCommand, sh } from '../ssh/command.js';
import type { RunOptions, SshConnection } from '../ssh/transport.js';
import { remoteCommandFailed } from './errors.js';
import type { HostAccess, HostSurvey } from './host-access.js';
import { hostPaths } from './host-paths.js';
import { installFiles } from './install-files.js';
import { lookAtHost } from './look.js';
import { parseOsRelease } from './os-release.js';
import { serviceManager } from './service-managers.js';

const timeoutMs = 60_000;

export class SshHostAccess implements HostAccess {
  async dockerVersion(connection: SshConnection, signal: AbortSignal) {
    const format = '{{.Server.Version}} {{.Server.APIVersion}}';
    const ask = sh`docker -H unix:///var/run/docker.sock version --format ${format}`;
    const { stdout } = await checked(connection, 'asking Docker for its version', ask, { signal });
    const [version = '', apiVersion = ''] = stdout.trim().split(' ');
    return { version, apiVersion };
  }

  async survey(connection: SshConnection, signal: AbortSignal): Promise<HostSurvey> {
    const input = await renderTemplate('agent/survey.sh');
    const { stdout } = await checked(connection, 'looking at the host', sh`sh -s`, { input, signal });
    return parseSurvey(stdout);
  }

  async admitClients(
    connection: SshConnection,
    id: string,
    authority: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { facts, root } = await lookAtHost(connection, signal);
    await installFiles(root, [{ path: authorityFile(id), content: authority, mode: 0o644 }]);
    const result = await root.run(serviceManager(facts.serviceManager).reload);
    if (result.code !== 0) throw remoteCommandFailed('letting clients in', result);
  }

  async dismissClients(connection: SshConnection, id: string, signal: AbortSignal): Promise<void> {
    const { facts, root } = await lookAtHost(connection, signal);
    const { reload } = serviceManager(facts.serviceManager);
    const file = authorityFile(id);
    const result = await root.run(sh`[ ! -e ${file} ] || { rm -f ${file} && ${fragment(reload)}; }`);
    if (result.code !== 0) throw remoteCommandFailed('shutting clients out', result);
  }

  async admitKey(
    connection: SshConnection,
    id: string,
    publicKey: string,
    signal: AbortSignal,
  ): Promise<void> {
    const [type = '', blob = ''] = publicKey.split(' ');
    const add = sh`umask 077; mkdir -p ~/.ssh && { [ ! -s ~/.ssh/authorized_keys ] || [ -z "$(tail -c 1 ~/.ssh/authorized_keys)" ] || echo >> ~/.ssh/authorized_keys; } && cat >> ~/.ssh/authorized_keys`;
    const input = `${type} ${blob} ${id}\n`;
    await checked(connection, 'letting a key in', sh`sh -c ${add}`, { input, signal });
  }

  async dismissKey(connection: SshConnection, id: string, signal: AbortSignal): Promise<void> {
    // Beside it and renamed, with the old owner and mode: half a file would lock everybody out.
    const remove =
      'f=$(readlink -f ~/.ssh/authorized_keys) && [ -f "$f" ] || exit 0; ' +
      'cp -p "$f" "$f.new" && awk -v id="$0" \'$NF != id\' "$f" > "$f.new" && mv "$f.new" "$f"';
    await checked(connection, 'shutting a key out', sh`sh -c ${remove} ${id}`, { signal });
  }
}

function authorityFile(id: string): string {
  return `${hostPaths.clientAuthorities}/${id}.pem`;
}

async function checked(
  connection: SshConnection,
  what: string,
  command: ShellCommand,
  options: RunOptions,
): Promise<{ readonly stdout: string }> {
  const result = await connection.run(command, { timeoutMs, ...options });
  if (result.code !== 0) throw remoteCommandFailed(what, result);
  return result;
}

/** Reads the `key=value` lines of templates/agent/survey.sh. */
export function parseSurvey(text: string): HostSurvey {
  const lines = text.split('\n').map((line) => {
    const at = line.indexOf('=');
    return [line.slice(0, at), line.slice(at + 1)] as const;
  });
  const one = (key: string) => lines.find(([name]) => name === key)?.[1] ?? '';
  const file = (key: string) => Buffer.from(one(key), 'base64').toString();
  const os = lines.filter(([name]) => name === 'os').map(([, value]) => value);
  const port = agentPort(file('agent-config'));
  const authority = file('agent-ca');
  return {
    operatingSystem: parseOsRelease(os.join('\n')).prettyName,
    architecture: one('machine'),
    hostname: one('hostname'),
    root: one('root') === 'yes',
    ...(port !== undefined && authority !== '' && { agent: { port, authority } }),
    ...(one('docker') !== '' && { docker: { version: one('docker') } }),
  };
}

function agentPort(config: string): number | undefined {
  try {
    const value: unknown = JSON.parse(config);
    const listen = isJsonObject(value) ? value['listen'] : undefined;
    const port = isJsonObject(listen) ? listen['port'] : undefined;
    return typeof port === 'number' ? port : undefined;
  } catch {
    return undefined;
  }
}
