import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../shared/atomic-file.js';
import { errorMessage, TsmachineError } from '../../shared/errors.js';
import type { JsonObject } from '../../shared/json.js';
import type { SshEndpoint } from '../../ssh/transport.js';
import { textField } from '../docker-machine-fields.js';
import type { CreateContext, Driver, InstanceStatus } from '../driver.js';
import { driverCannotPower, driverOptionInvalid } from '../errors.js';
import type { NoneOptions } from './options.js';

/** "tcp://host:port". */
export type NoneInstance = { readonly url: string };

const defaultPort = 2376;

/** An engine that somebody else looks after, known by its URL alone: no SSH, no power, nothing to remove there. */
export class NoneDriver implements Driver<NoneOptions, NoneInstance> {
  readonly controlsPower = false;

  async preCreateCheck(options: NoneOptions): Promise<void> {
    parseUrl(options.url);
    await readCertificates(options);
  }

  async create(options: NoneOptions, context: CreateContext<NoneInstance>): Promise<NoneInstance> {
    const instance = { url: parseUrl(options.url) };
    await context.checkpoint(instance);
    for (const { name, text } of await readCertificates(options)) {
      await writeFileAtomically(join(context.directory, name), text, 0o600);
    }
    return instance;
  }

  /** Only the engine itself can say whether its host runs. */
  async inspect({ url }: NoneInstance): Promise<InstanceStatus> {
    return { state: 'unknown', address: new URL(url).hostname.replace(/^\[|\]$/g, '') };
  }

  async start({ url }: NoneInstance): Promise<NoneInstance> {
    throw cannot('start', url);
  }

  async stop({ url }: NoneInstance): Promise<NoneInstance> {
    throw cannot('stop', url);
  }

  async kill({ url }: NoneInstance): Promise<NoneInstance> {
    throw cannot('kill', url);
  }

  async restart({ url }: NoneInstance): Promise<NoneInstance> {
    throw cannot('restart', url);
  }

  async remove(): Promise<void> {}

  sshEndpoint({ url }: NoneInstance): SshEndpoint {
    throw new TsmachineError(
      'conflict',
      'DRIVER_HAS_NO_SSH',
      `driver none knows no way into the host of ${url}`,
      {
        hints: ['use "tsmachine create --driver ssh" or "tsmachine adopt" for a host that you can log in to'],
      },
    );
  }

  engineUrl({ url }: NoneInstance): string {
    return url;
  }

  /** Its certificates are copied as those of every machine. */
  fromDockerMachine(theirs: JsonObject) {
    const url = parseUrl(textField(theirs['URL']) ?? '');
    const options: NoneOptions = { url, ca: undefined, cert: undefined, key: undefined };
    return { options, instance: { url } };
  }
}

function cannot(verb: string, url: string): TsmachineError {
  return driverCannotPower('none', verb, `do it where the host of ${url} is looked after`);
}

/** Throws DRIVER_OPTION_INVALID. */
function parseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const extra =
    url && (url.username || url.password || url.search || url.hash || !/^\/?$/.test(url.pathname));
  if (url?.protocol !== 'tcp:' || url.hostname === '' || extra) {
    const hint = 'use tcp://HOST:PORT, where the engine listens with mutual TLS';
    throw driverOptionInvalid('url', text, 'is no address of an engine', hint);
  }
  return `tcp://${url.hostname}:${url.port || defaultPort}`;
}

/** All three or none. Throws DRIVER_OPTION_INVALID. */
async function readCertificates(
  options: NoneOptions,
): Promise<readonly { readonly name: string; readonly text: string }[]> {
  const given = (['ca', 'cert', 'key'] as const).filter((option) => options[option] !== undefined);
  if (given.length === 0) return [];
  if (given.length < 3) {
    const [first = 'ca'] = given;
    throw driverOptionInvalid(
      `none-${first}`,
      options[first] ?? '',
      'is not enough',
      'give --none-ca, --none-cert and --none-key',
    );
  }
  return Promise.all(
    given.map(async (option) => ({
      name: `${option}.pem`,
      text: await readPem(option, options[option] ?? ''),
    })),
  );
}

async function readPem(option: 'ca' | 'cert' | 'key', path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error) => {
    throw driverOptionInvalid(`none-${option}`, path, `cannot be read: ${errorMessage(error)}`);
  });
  try {
    if (option === 'key') createPrivateKey(text);
    else new X509Certificate(text);
    return text;
  } catch {
    throw driverOptionInvalid(
      `none-${option}`,
      path,
      option === 'key' ? 'is no private key' : 'is no certificate',
    );
  }
}
