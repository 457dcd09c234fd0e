/** At most ten calls a second, as docker reports progress; the others are left out. */
export function throttled(report: (bytes: number) => void): (bytes: number) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (bytes) => {
    if (performance.now() - last < 100) return;
    last = performance.now();
    report(bytes);
  };
}
