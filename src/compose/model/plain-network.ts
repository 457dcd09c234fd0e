import type { ServiceNetwork } from './service.js';

/** A network that a service joins without saying more; Compose tells it from one of which nothing is said in `{}`. */
export const plainNetwork: ServiceNetwork = { aliases: [], linkLocalIps: [], driverOpts: {}, extensions: {} };
