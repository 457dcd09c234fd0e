import type { Hook } from '@oclif/core';
import { commandNotFound } from '../cli/command-not-found.js';

const hook: Hook<'command_not_found'> = async ({ id, argv, config }) => {
  throw commandNotFound(id, argv ?? [], config.commandIDs);
};

export default hook;
