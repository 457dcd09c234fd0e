import { Flags } from '@oclif/core';

/** Which container of a service that has several. */
export const indexFlag = {
  index: Flags.integer({ description: 'number of the container, where the service has several', min: 1 }),
};
