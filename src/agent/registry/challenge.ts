/** One way to authenticate that a server offers (RFC 9110, "WWW-Authenticate"). */
export interface Challenge {
  /** Lower case: "bearer", "basic". */
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Reads the header; several challenges may be in one. What cannot be read is left out. */
export function parseChallenges(header: string | undefined): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  const token = /([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^\s,"]+)))?/g;
  for (const [, name = '', quoted, plain] of (header ?? '').matchAll(token)) {
    const value = quoted?.replace(/\\(.)/g, '$1') ?? plain;
    if (value === undefined) challenges.push({ scheme: name.toLowerCase(), parameters: {} });
    else Object.assign(challenges.at(-1)?.parameters ?? {}, { [name.toLowerCase()]: value });
  }
  return challenges;
}
