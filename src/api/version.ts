/** A version of the Engine API: "1.47". */
export type ApiVersion = `${number}.${number}`;

/** The oldest and the newest version that the agent serves. */
export const minimumApiVersion: ApiVersion = '1.24';
export const maximumApiVersion: ApiVersion = '1.47';

/** Negative when `left` is older, positive when it is newer; missing parts count as 0. */
export function compareVersions(left: string, right: string): number {
  const a = left.split('.').map(Number);
  const b = right.split('.').map(Number);
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
