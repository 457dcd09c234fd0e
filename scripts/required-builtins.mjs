import { isBuiltin } from 'node:module';

/**
 * Lets bundles take Node's modules as `require` does. An `import` statement reads every export of theirs, also those
 * that are made when they are read first: of node:http alone that loads an HTTP client and a WebSocket, which takes
 * longer than most commands.
 */
export const requiredBuiltins = {
  name: 'required-builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path, kind, importer }) => {
      if (kind !== 'import-statement' || !isBuiltin(path)) return undefined;
      // What packages use of it, all is read at once, must not be read with what we use.
      return { path, namespace: 'builtin', suffix: importer.includes('node_modules') ? '?packages' : '' };
    });
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({ contents: moduleOf(path) }));
  },
};

/** Every export is marked as pure, so that those which nobody imports vanish from the bundle without being read. */
function moduleOf(name) {
  const names = Object.keys(process.getBuiltinModule(name)).filter(
    (key) => key !== 'default' && /^[a-zA-Z]\w*$/.test(key),
  );
  return [
    `const builtin = /* @__PURE__ */ process.getBuiltinModule(${JSON.stringify(name)});`,
    ...names.map((key) => `const its_${key} = /* @__PURE__ */ (() => builtin.${key})();`),
    `export { ${names.map((key) => `its_${key} as ${key}`).join(', ')} };`,
    'export default builtin;',
  ].join('\n');
}
