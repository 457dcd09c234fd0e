import http from 'node:http';

/** What leads to other hosts, in the words of dockerd's `proxies`. */
export interface Proxies {
  readonly httpProxy?: string;
  readonly httpsProxy?: string;
  readonly noProxy?: string;
}

/**
 * Gives this process, and the programs that it starts, the configured proxies, else those of its environment; answers
 * which they are. As dockerd, it sets both spellings, and Go's clients never ask a proxy for what is on this host.
 */
export function useProxies(configured: Proxies, environment: NodeJS.ProcessEnv): Proxies {
  const found = proxiesOf(configured, environment);
  for (const key of keys) {
    const value = found[key];
    if (value === undefined) continue;
    environment[variables[key]] = value;
    environment[variables[key].toLowerCase()] = value;
  }
  if (found.httpProxy !== undefined || found.httpsProxy !== undefined) {
    const noProxy = [...(found.noProxy ? [found.noProxy] : []), 'localhost', '127.0.0.1', '::1'].join(',');
    http.setGlobalProxyFromEnv({
      ...(found.httpProxy !== undefined && { HTTP_PROXY: found.httpProxy }),
      ...(found.httpsProxy !== undefined && { HTTPS_PROXY: found.httpsProxy }),
      NO_PROXY: noProxy,
    });
  }
  return found;
}

const variables = { httpProxy: 'HTTP_PROXY', httpsProxy: 'HTTPS_PROXY', noProxy: 'NO_PROXY' } as const;
const keys = ['httpProxy', 'httpsProxy', 'noProxy'] as const;

function proxiesOf(configured: Proxies, environment: NodeJS.ProcessEnv): Proxies {
  const of = (key: keyof Proxies): string | undefined =>
    configured[key] || environment[variables[key]] || environment[variables[key].toLowerCase()] || undefined;
  const [httpProxy, httpsProxy, noProxy] = [of('httpProxy'), of('httpsProxy'), of('noProxy')];
  return {
    ...(httpProxy && { httpProxy }),
    ...(httpsProxy && { httpsProxy }),
    ...(noProxy && { noProxy }),
  };
}
