/** Docker Hub's key in docker's config.json. */
export const hubServer = 'https://index.docker.io/v1/';

/** As docker's config.json calls a registry: its host, or Docker Hub's URL of old. */
export function registryServer(text: string): string {
  const host = text.replace(/^https?:\/\//, '').replace(/\/.*$/s, '');
  const isHub = ['', 'docker.io', 'index.docker.io', 'registry-1.docker.io'].includes(host);
  return isHub ? hubServer : host;
}

/** The registry that an image's name leads to. */
export function registryOfImage(name: string): string {
  const first = name.includes('/') ? name.slice(0, name.indexOf('/')) : '';
  return registryServer(first === 'localhost' || /[.:]/.test(first) ? first : '');
}
