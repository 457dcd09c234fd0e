import { dirname, join, relative, resolve } from 'node:path';
import { build } from 'esbuild';

/**
 * esbuild makes a chunk for every set of entry points that share code. With a hundred commands these are many, and
 * finding and linking thirty small files takes a command longer than running what is in them. So the outputs of a build
 * with `splitting` are bundled once more, from `from` to `outdir`, and chunks become one file for each group: a chunk
 * is of the first group of whose entry points that part loads it at its start, those in `also` all, and none but those
 * in `only`.
 */
export async function mergeChunks({ metafile, from, outdir, groups, options }) {
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [resolve(path), output]));
  const merged = assign(outputs, groups, from);
  const shared = { ...options, bundle: true, logLevel: 'error' };
  const files = [...new Set([...merged.values()].map(({ file }) => file))];
  await Promise.all([
    ...files.map((file) =>
      build({
        ...shared,
        stdin: { contents: allExports(file, merged, outputs), resolveDir: dirname(file), sourcefile: file },
        outfile: join(outdir, relative(from, file)),
        plugins: [rewriteImports(merged, outputs, file)],
      }),
    ),
    build({
      ...shared,
      entryPoints: [...outputs.keys()].filter((path) => !merged.has(path)),
      outbase: from,
      outdir,
      plugins: [rewriteImports(merged, outputs)],
    }),
  ]);
}

/** Chunk → the file it becomes part of, and what its exports' names begin with there. */
function assign(outputs, groups, from) {
  const entryPoints = [...outputs.keys()].filter((path) => outputs.get(path).entryPoint);
  const loads = (isMeant) =>
    entryPoints.filter((path) => isMeant(relative(from, path))).map((path) => loadedBy(path, outputs));
  const parts = groups.map(({ file, entries, part, also = /^$/, only = /^/ }) => {
    const some = loads((path) => entries.test(path));
    const all = loads((path) => also.test(path));
    const none = loads((path) => !only.test(path));
    const fits = (path) =>
      some.filter((loaded) => loaded.has(path)).length / some.length >= part &&
      all.every((loaded) => loaded.has(path)) &&
      !none.some((loaded) => loaded.has(path));
    return { file: resolve(from, file), fits };
  });
  const merged = new Map();
  for (const [path, { entryPoint }] of outputs) {
    const group = entryPoint ? undefined : parts.find(({ fits }) => fits(path));
    if (group) merged.set(path, { file: group.file, prefix: `c${merged.size}_` });
  }
  return merged;
}

/** The outputs that an output imports statically, and what these do. */
function loadedBy(path, outputs, loaded = new Set()) {
  if (loaded.has(path)) return loaded;
  loaded.add(path);
  for (const { kind, path: imported, external } of outputs.get(path).imports) {
    if (kind === 'import-statement' && !external) loadedBy(resolve(imported), outputs, loaded);
  }
  return loaded;
}

function allExports(group, merged, outputs) {
  return [...merged]
    .filter(([, { file }]) => file === group)
    .map(([path, { prefix }]) => {
      const names = outputs.get(path).exports.map((name) => `${name} as ${prefix}${name}`);
      return `export { ${names.join(', ')} } from ${JSON.stringify(path)};`;
    })
    .join('\n');
}

/** What a merged chunk exported is taken from its file, unless that is being made; all other imports stay as written. */
function rewriteImports(merged, outputs, own) {
  return {
    name: 'rewrite-imports',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /.*/ }, ({ path, kind, resolveDir, namespace }) => {
        if (kind === 'entry-point') return undefined;
        const chunk = namespace === 'file' ? resolve(resolveDir, path) : '';
        const { file } = merged.get(chunk) ?? {};
        if (file === undefined) return { path, external: true, sideEffects: namespace === 'file' };
        if (file === own) return undefined;
        // The import is written as seen from the importing file's directory.
        return { path: chunk, namespace: 'merged', suffix: `?${resolveDir}`, sideEffects: false };
      });
      onLoad({ filter: /.*/, namespace: 'merged' }, ({ path, suffix }) => {
        const { file, prefix } = merged.get(path);
        const names = outputs.get(path).exports.map((name) => `${prefix}${name} as ${name}`);
        const seen = relative(suffix.slice(1), file);
        const specifier = seen.startsWith('.') ? seen : `./${seen}`;
        return { contents: `export { ${names.join(', ')} } from ${JSON.stringify(specifier)};` };
      });
    },
  };
}
