import { Flags } from '@oclif/core';
import { TsmachineError } from '../shared/errors.js';

const helpGroup = 'GLOBAL';

/** docker-machine's global options: what they ask for is either so here anyway, or refused by name. */
export const dockerMachineFlags = {
  'native-ssh': Flags.boolean({ hidden: true, helpGroup, description: 'as it is always' }),
  'github-api-token': Flags.string({ hidden: true, helpGroup, description: 'nothing is looked up there' }),
  'bugsnag-api-token': Flags.string({ hidden: true, helpGroup, description: 'nothing is ever reported' }),
  'tls-ca-cert': Flags.string({ hidden: true, helpGroup, description: 'refused' }),
  'tls-ca-key': Flags.string({ hidden: true, helpGroup, description: 'refused' }),
  'tls-client-cert': Flags.string({ hidden: true, helpGroup, description: 'refused' }),
  'tls-client-key': Flags.string({ hidden: true, helpGroup, description: 'refused' }),
};

const certificateFlags = ['tls-ca-cert', 'tls-ca-key', 'tls-client-cert', 'tls-client-key'];

/** Of a CA elsewhere nobody could tell which machines it opens. Throws OPTION_NOT_SUPPORTED. */
export function refuseForeignCertificates(
  flags: Readonly<Record<string, unknown>>,
  environment: NodeJS.ProcessEnv,
): void {
  for (const name of certificateFlags) {
    const variable = `MACHINE_${name.toUpperCase().replaceAll('-', '_')}`;
    if (flags[name] !== undefined) throw notSupported(`--${name}`);
    if (environment[variable]) throw notSupported(variable);
  }
}

function notSupported(name: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'OPTION_NOT_SUPPORTED',
    `${name} is not supported: each store has one authority and client certificate of its own`,
    { hints: ['use another store with --storage-path, which has its own'] },
  );
}
