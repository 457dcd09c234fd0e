/** The version this client speaks when the engine can; older engines get theirs. */
const clientApiVersion = '1.47';

/** The lower of the client's version and the engine's `Api-Version` header. */
export function negotiateVersion(engines: string | undefined, newest = clientApiVersion): string {
  if (engines === undefined || !/^\d+\.\d+$/.test(engines)) return newest;
  return isBelow(engines, newest) ? engines : newest;
}

function isBelow(left: string, right: string): boolean {
  const [leftMajor = 0, leftMinor = 0] = left.split('.').map(Number);
  const [rightMajor = 0, rightMinor = 0] = right.split('.').map(Number);
  return leftMajor < rightMajor || (leftMajor === rightMajor && leftMinor < rightMinor);
}
