// The validator of Compose files as code, so that no command has to compile the schema.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';

/** Puts the compiled schema in the place of `src/compose/file/schema/compile.ts`. */
export const compiledSchema = {
  name: 'compiled-schema',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]compose[\\/]file[\\/]schema[\\/]compile\.ts$/ }, async ({ path }) => ({
      contents: await compile(path),
      resolveDir: dirname(path),
      loader: 'js',
    }));
  },
};

async function compile(path) {
  const { ajvOptions, composeSchema } = await importTypeScript(path);
  const ajv = new Ajv({ ...ajvOptions, code: { source: true, esm: true } });
  const validate = ajv.compile(composeSchema(process.cwd()));
  return `${standalone.default(ajv, validate)}\nexport const compiledSchema = () => validate;\n`;
}

async function importTypeScript(path) {
  const directory = mkdtempSync(join(tmpdir(), 'compiled-schema-'));
  try {
    const outfile = join(directory, 'schema.mjs');
    const banner = {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    };
    await build({ entryPoints: [path], outfile, banner, bundle: true, platform: 'node', format: 'esm' });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
