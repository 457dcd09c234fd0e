import { Flags } from '@oclif/core';

const list = { multiple: true, multipleNonGreedy: true } as const;

/** The flags of docker's `exec`. */
export const execFlags = {
  interactive: Flags.boolean({ char: 'i', description: 'keep STDIN open' }),
  tty: Flags.boolean({ char: 't', description: 'allocate a pseudo-TTY' }),
  detach: Flags.boolean({ char: 'd', description: 'run the command in the background' }),
  'detach-keys': Flags.string({ description: 'keys that detach from the command', helpValue: 'KEYS' }),
  env: Flags.string({
    char: 'e',
    description: 'set an environment variable',
    helpValue: 'NAME[=VALUE]',
    ...list,
  }),
  'env-file': Flags.string({
    description: 'read a file of environment variables',
    helpValue: 'FILE',
    ...list,
  }),
  workdir: Flags.string({ char: 'w', description: 'working directory of the command', helpValue: 'DIR' }),
  user: Flags.string({
    char: 'u',
    description: 'user and group of the command',
    helpValue: 'USER[:GROUP]',
  }),
  privileged: Flags.boolean({ description: 'give extended privileges to the command' }),
};
