/** What os-release(5) says of a distribution. */
export interface OsRelease {
  /** "debian", "fedora"; "linux" where the file names none. */
  readonly id: string;
  /** ID_LIKE, nearest first. */
  readonly like: readonly string[];
  readonly prettyName: string;
}

export function parseOsRelease(text: string): OsRelease {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^([A-Z_]+)=(.*)$/.exec(line.trim());
    if (match?.[1] !== undefined) values.set(match[1], unquote(match[2] ?? ''));
  }
  const id = values.get('ID') || 'linux';
  return {
    id,
    like: (values.get('ID_LIKE') ?? '').split(/\s+/).filter(Boolean),
    prettyName: values.get('PRETTY_NAME') || values.get('NAME') || id,
  };
}

function unquote(value: string): string {
  const match = /^(["'])(.*)\1$/.exec(value);
  return match?.[2] === undefined ? value : match[2].replaceAll(/\\(["'$`\\])/g, '$1');
}
