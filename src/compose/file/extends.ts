import path from 'node:path';
import { canonical } from './canonical.js';
import { failAnywhere, failIn, fileTitle, type LoadContext, named } from './load-context.js';
import { mergeFiles, mergeService } from './merge.js';
import { interpolated, readDocuments } from './read-documents.js';
import { removePaths } from './remove-paths.js';
import { absolutePath, resolvePaths } from './resolve-paths.js';
import { uniqueItems } from './unique-items.js';
import { isMapping, type Mapping, mappingAt, type Value, without } from './value.js';
import type { YamlDocument } from './yaml-file.js';

/** Where services with `extends` stand. */
export interface ExtendsSource {
  readonly file: string;
  readonly document: YamlDocument;
}

/** Puts each service over the one that it extends, of the same file or another one. */
export async function applyExtends(
  content: Mapping,
  source: ExtendsSource,
  context: LoadContext,
): Promise<Mapping> {
  if (!isMapping(content['services'])) return content;
  const extender = new Extender(context, source);
  const services: [string, Value][] = [];
  for (const name of Object.keys(content['services'])) {
    services.push([
      name,
      await extender.extend(name, { services: content['services'], file: source.file }, []),
    ]);
  }
  return { ...content, services: Object.fromEntries(services) };
}

interface Services {
  readonly services: Mapping;
  readonly file: string;
}

class Extender {
  readonly #context: LoadContext;
  readonly #source: ExtendsSource;

  constructor(context: LoadContext, source: ExtendsSource) {
    this.#context = context;
    this.#source = source;
  }

  /** `chain`: what extends what, up to here. */
  async extend(name: string, { services, file }: Services, chain: readonly string[]): Promise<Value> {
    const service = services[name];
    if (!isMapping(service) || service['extends'] === undefined) return service ?? null;
    const at = ['services', name, 'extends'];
    const step = `${name} in ${fileTitle(file)}`;
    if (chain.includes(step)) {
      const circle = [...chain.slice(chain.indexOf(step)), step].join('\n  extends ');
      throw this.#fail(at, `circular reference:\n  ${circle}`);
    }
    const { reference, from } = target(service['extends']);
    const other = from === undefined ? { services, file } : await this.#otherFile(from, at);
    if (other.services[reference] === undefined) {
      const where = from === undefined ? '' : ` in ${fileTitle(other.file)}`;
      throw this.#fail(at, `cannot extend service "${name}": service "${reference}" not found${where}`);
    }
    const base = await this.extend(reference, other, [...chain, step]);
    if (!isMapping(base)) return without(service, 'extends');
    const kept = this.#withoutReplaced(base, name);
    const fail = failIn(this.#source.document);
    return without(mergeService(kept, service, name, fail), 'extends');
  }

  /** What this document resets or overrides does not come from the base. */
  #withoutReplaced(base: Mapping, name: string): Mapping {
    const removed = removePaths({ services: { [name]: base } }, this.#source.document.replaced);
    return mappingAt(mappingAt(removed, 'services'), name);
  }

  /** The services of another file, its paths relative to the working directory. */
  async #otherFile(reference: string, at: readonly string[]): Promise<Services> {
    const { workingDirectory, documents } = this.#context;
    const file = absolutePath(reference, workingDirectory);
    const fails = (message: string) => failAnywhere(documents, [...at, 'file'], message);
    let content: Mapping = {};
    for (const document of await named(readDocuments(file, this.#context), fails)) {
      const fail = failIn(document);
      const options = { fail, warn: this.#context.warn, lenient: !this.#context.interpolate };
      const merged = mergeFiles(content, interpolated(document, this.#context), fail);
      content = uniqueItems(canonical(uniqueItems(merged), options), fail);
    }
    const base = path.relative(workingDirectory, path.dirname(file)) || '.';
    return { services: mappingAt(resolvePaths(content, base), 'services'), file };
  }

  #fail(at: readonly string[], message: string): Error {
    return failAnywhere(this.#context.documents, at, message);
  }
}

function target(extend: Value): { readonly reference: string; readonly from: string | undefined } {
  const fields: Mapping = isMapping(extend) ? extend : { service: extend };
  const { service, file } = fields;
  return {
    reference: typeof service === 'string' ? service : '',
    from: typeof file === 'string' ? file : undefined,
  };
}
