import { flushCompileCache } from 'node:module';
import { parseArgs } from 'node:util';
import { errorMessage, isTsmachineError } from '../shared/errors.js';
import type { Logger } from '../shared/logger.js';
import { version } from '../shared/version.js';
import { type AgentConfig, readConfig } from './config.js';
import { startDaemon } from './daemon.js';
import { dialStdio } from './dial-stdio.js';
import { IdleMemory } from './idle-memory.js';
import { jsonLogger } from './log.js';
import { ping } from './ping.js';
import { useProxies } from './proxies.js';

const usage = `tsmachine-agent serve|ping|dial-stdio --config FILE
tsmachine-agent --version
`;

const defaultConfig = '/etc/tsmachine/agent.json';
const pingTimeoutMs = 5_000;

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    strict: false,
    options: { config: { type: 'string' }, version: { type: 'boolean' } },
  });
  if (values.version) {
    process.stdout.write(`${version}\n`);
    return 0;
  }
  const command = commands[positionals[0] ?? ''];
  if (!command) {
    process.stderr.write(usage);
    return 2;
  }
  const path = typeof values.config === 'string' ? values.config : defaultConfig;
  return run(command, path);
}

type Command = (config: AgentConfig) => Promise<void>;

const commands: Readonly<Record<string, Command>> = {
  serve,
  ping: (config) => ping(config.socket, pingTimeoutMs),
  'dial-stdio': (config) => dialStdio(config.socket),
};

async function run(command: Command, path: string): Promise<number> {
  try {
    await command(await readConfig(path));
    return 0;
  } catch (error) {
    const hints = isTsmachineError(error) ? error.hints.map((hint) => `\n  ${hint}`).join('') : '';
    process.stderr.write(`tsmachine-agent: ${errorMessage(error)}${hints}\n`);
    return 1;
  }
}

/** Until SIGTERM or SIGINT. Containers live on, and what belongs to them must not keep the process. */
async function serve(config: AgentConfig): Promise<void> {
  const log = jsonLogger();
  surviveFaults(log);
  await serveUntilStopped({ ...config, proxies: useProxies(config.proxies, process.env) }, log);
  process.exit(0);
}

/** SIGHUP reads the certificates again. */
async function serveUntilStopped(config: AgentConfig, log: Logger): Promise<void> {
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  process.once('SIGTERM', () => stop());
  process.once('SIGINT', () => stop());
  await using daemon = await startDaemon(config, log);
  process.on('SIGHUP', () => {
    daemon.reloadCertificates().catch((error) => {
      log.error('certificates are not reloaded', { error: errorMessage(error) });
    });
  });
  using _memory = new IdleMemory(log);
  setTimeout(flushCompileCache, compiledMs).unref(); // else it is written at a clean end only, and there may be none
  await stopped;
  log.info('stopping; containers live on');
  setTimeout(() => process.exit(0), lastResortMs).unref();
}

/** By then what a start needs has been compiled. */
const compiledMs = 1_000;

/** Something that hangs must not keep a service manager waiting until it kills. */
const lastResortMs = 5_000;

/** A fault in one request must not cut every other: it is logged, and the agent goes on. */
function surviveFaults(log: Logger): void {
  process.on('unhandledRejection', (reason) => {
    log.error('unhandled rejection', {
      error: errorMessage(reason),
      stack: reason instanceof Error ? reason.stack : undefined,
    });
  });
  process.on('uncaughtException', (error) => {
    log.error('uncaught exception', { error: errorMessage(error), stack: error.stack });
  });
}

// Last, since the constants above must be there.
process.exitCode = await main(process.argv.slice(2));
