const unitMs: Readonly<Record<string, number>> = {
  w: 7 * 24 * 3_600_000,
  d: 24 * 3_600_000,
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
};

/**
 * The age at which an image is pulled again, by `pull_policy`: `daily`, `weekly`, `every_1d12h`, or `refresh` for any
 * age. Undefined where the age makes no difference.
 */
export function pullAgeMs(policy: string): number | undefined {
  if (policy === 'refresh') return 0;
  if (policy === 'daily') return unitMs['d'];
  if (policy === 'weekly') return unitMs['w'];
  if (!policy.startsWith('every_')) return undefined;
  const parts = [...policy.slice('every_'.length).matchAll(/(\d+)([wdhms])/g)];
  return parts.reduce((sum, [, number = '', unit = '']) => sum + Number(number) * (unitMs[unit] ?? 0), 0);
}
