import type { NamedContext } from '../../build/exec/request.js';
import { solveInvalid } from '../errors.js';
import { fullName } from '../status/step-vertices.js';
import { ClientDirectory } from './client-directory.js';
import { layoutImage } from './layout-image.js';
import { remoteFiles } from './open-sources.js';
import type { SolveContext } from './solve-context.js';
import type { SolveOptions } from './solve-options.js';

/** Each name is looked up once: the builder asks again and again. */
export function namedContexts(
  context: SolveContext,
  { contexts }: SolveOptions,
  resources: AsyncDisposableStack,
): (name: string) => NamedContext | undefined {
  const known = new Map<string, NamedContext>();
  return (given) => {
    const name = given.toLowerCase();
    const found = known.get(name);
    const value = contexts.get(name) ?? contexts.get(given) ?? contexts.get(fullName(given));
    if (found || value === undefined) return found;
    const made = namedContext(context, name, value, resources);
    known.set(name, made);
    return made;
  };
}

function namedContext(
  context: SolveContext,
  name: string,
  value: string,
  resources: AsyncDisposableStack,
): NamedContext {
  const [, scheme = '', rest = ''] =
    /^(docker-image|local|input|oci-layout):(?:\/\/)?(.*)$/s.exec(value) ?? [];
  switch (scheme) {
    case 'docker-image':
      return { kind: 'image', name: rest };
    case 'local': {
      const label = `[context ${name}] load from client`;
      return { kind: 'files', source: resources.use(new ClientDirectory(context, rest, label)) };
    }
    case 'input': {
      const config = context.inputs.get(rest);
      if (!config) throw solveInvalid(`invalid input ${rest} for the context ${name}`);
      return { kind: 'built', config: async () => config };
    }
    case 'oci-layout':
      return { kind: 'built', config: once(() => layoutImage(context, { name, value: rest }, resources)) };
    default:
      return { kind: 'files', source: remoteFiles(context, value, resources) };
  }
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= work();
    return result;
  };
}
