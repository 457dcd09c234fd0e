/** Of this package; the same for the CLI and the agent. A test compares it with package.json. */
export const version = '0.1.0';
