/** What opens a registry: a name and a password, or a token that stands for them. */
export type Credentials =
  | { readonly username: string; readonly password: string }
  | { readonly username?: string; readonly identityToken: string };

/** The header X-Registry-Auth, and one registry's part of X-Registry-Config, before base64. */
export function authConfig(server: string, credentials: Credentials | undefined): object {
  if (!credentials) return {};
  if ('identityToken' in credentials) {
    const { username = '', identityToken } = credentials;
    return { username, identitytoken: identityToken, serveraddress: server };
  }
  return { ...credentials, serveraddress: server };
}

/** Docker Engine takes a header without its padding for none at all. */
export function encodeHeader(value: object): string {
  const text = Buffer.from(JSON.stringify(value)).toString('base64url');
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}
