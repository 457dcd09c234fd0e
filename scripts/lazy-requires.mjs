import { readFileSync } from 'node:fs';

/**
 * Lets the modules of @oclif/core load each other at first use instead of at the start: of its help, its plugins and
 * its spinners a command needs nothing. TypeScript has made them, and names what they require `name_1`, `name_2`, …
 */
export const lazyRequires = {
  name: 'lazy-requires',
  setup({ onLoad }) {
    onLoad({ filter: /node_modules\/@oclif\/core\/lib\/.*\.js$/ }, ({ path }) => ({
      contents: deferRequires(readFileSync(path, 'utf8')),
      loader: 'js',
    }));
  },
};

export function deferRequires(source) {
  const namespaces = source.replace(
    /^exports\.(\w+) = (__importStar\(require\("[^"]+"\)\));$/gm,
    'Object.defineProperty(exports, "$1", { enumerable: true, get: () => $2 });',
  );
  const declared = [...namespaces.matchAll(declaration)].map(([, name]) => name);
  const deferred = namespaces.replace(
    declaration,
    'let $1$$value; const $1$$get = () => ($1$$value ??= $2);',
  );
  return declared.reduce(
    (text, name) => text.replaceAll(new RegExp(`(?<![\\w$.])${name}(?![\\w$])`, 'g'), `(${name}$$get())`),
    deferred,
  );
}

const declaration = /^(?:const|var) (\w+_\d+) = ((?:__importDefault\()?require\(["'][^"']+["']\)\)?);$/gm;
