/** `{{.Label "key"}}` for templates; not part of the row's JSON. */
export function withLabels<T extends object>(
  row: T,
  labels: Readonly<Record<string, string>> | null | undefined,
): T {
  const value = (key: unknown) => labels?.[String(key)] ?? '';
  return Object.defineProperty(row, 'Label', { value, enumerable: false });
}

/** "a=b,c=d", as docker's lists print labels: sorted by key. */
export function labelText(labels: Readonly<Record<string, string>> | null | undefined): string {
  return Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .toSorted()
    .join(',');
}
