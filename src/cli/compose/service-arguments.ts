import { Args } from '@oclif/core';

/** For commands without `strict`: any number of services. */
export const serviceArguments = {
  service: Args.string({ description: 'services; else all of the project', ignoreStdin: true }),
};
