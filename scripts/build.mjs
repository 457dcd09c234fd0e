// Builds dist/cli (one file per command and shared chunks) and dist/agent (one file and koffi's native addon).
import { execFileSync } from 'node:child_process';
import { cpSync, globSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { compiledSchema } from './compiled-schema.mjs';
import { lazyRequires } from './lazy-requires.mjs';
import { mergeChunks } from './merge-chunks.mjs';
import { requiredBuiltins } from './required-builtins.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

const requireBanner = `import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename;
const __dirname = import.meta.dirname;`;

/** What every bundle has in common. Names are kept so that stack traces can be read. */
const common = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22.15',
  minify: true,
  keepNames: true,
  legalComments: 'none',
  logLevel: 'warning',
  banner: { js: requireBanner },
};

/** In the bundle, koffi is just its native addon, which lies beside it. */
const koffiBesideBundle = {
  name: 'koffi-beside-bundle',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^koffi$/ }, () => ({ path: 'koffi', namespace: 'native' }));
    onLoad({ filter: /.*/, namespace: 'native' }, () => ({
      contents: "export default require('./koffi.node');",
    }));
  },
};

export async function buildAgent(outdir = 'dist/agent') {
  await build({
    ...common,
    entryPoints: { agent: 'src/agent/main.ts' },
    outdir,
    outExtension: { '.js': '.mjs' },
    plugins: [requiredBuiltins, koffiBesideBundle],
    external: ['./koffi.node'],
  });
  const addon = `node_modules/@koromix/koffi-linux-${process.arch}/linux_${process.arch}/koffi.node`;
  if (process.platform === 'linux') cpSync(addon, join(outdir, 'koffi.node'));
}

/** What is loaded before the compile cache is switched on: small CommonJS files, which also an old Node runs. */
export async function buildLauncher(outdir = 'dist/cli') {
  await build({
    ...common,
    format: 'cjs',
    target: 'node18',
    banner: {},
    entryPoints: ['src/cli/fast-path.ts', 'src/cli/main.ts'],
    outdir,
    outExtension: { '.js': '.cjs' },
    external: ['./complete.js', './run.js'],
  });
}

/** What packages of drivers import: `tsmachine/driver` and `tsmachine/driver-conformance`. */
const contract = [
  { in: 'src/drivers/api.ts', out: 'driver' },
  { in: 'src/driver-conformance/index.ts', out: 'driver-conformance' },
];

export async function buildCli(outdir = 'dist/cli') {
  // Also what only commands load, when they build.
  const only =
    /^commands\/|^chunks\/(?:build-in-session|session-build|session-request|build-seed|connect|ssh2-agent)-/;
  const parts = 'dist/parts';
  const { metafile } = await build({
    ...common,
    banner: {},
    minify: false,
    metafile: true,
    splitting: true,
    entryPoints: [
      'src/cli/complete.ts',
      'src/cli/run.ts',
      'src/cli/help.ts',
      ...globSync('src/hooks/*.ts'),
      ...globSync('src/commands/**/*.ts'),
    ]
      .map((file) => ({ in: file, out: file.replace(/^src\/(cli\/)?/, '').replace(/\.ts$/, '') }))
      .concat(contract),
    outdir: parts,
    chunkNames: 'chunks/[name]-[hash]',
    plugins: [requiredBuiltins, lazyRequires, compiledSchema],
    // The launcher has looked at the version; oclif would load semver to do so again.
    define: { 'process.env.OCLIF_DISABLE_ENGINE_WARNING': '"1"' },
    // oclif looks for TypeScript only in development; ssh2's native parts are optional and not used.
    external: ['typescript', 'cpu-features', '*/sshcrypto.node', 'koffi', '@github/keytar'],
  });
  await mergeChunks({
    metafile,
    from: parts,
    outdir,
    groups: [
      { file: 'chunks/contract.js', entries: /^driver/, part: 0.5 },
      { file: 'chunks/store.js', entries: /^commands\//, part: 0.9, also: /^complete\.js$/ },
      { file: 'chunks/client.js', entries: /^complete\.js$/, part: 1 },
      { file: 'chunks/common.js', entries: /^run\.js$/, part: 1 },
      { file: 'chunks/common.js', entries: /^commands\//, part: 0.9 },
      { file: 'chunks/machines.js', entries: /^commands\/(inspect|ls)\.js$/, part: 0.5 },
      // What also drivers or the like load must not bring these along.
      { file: 'chunks/engine.js', entries: /^commands\/(container|image|network|volume)\//, part: 0.1, only },
      { file: 'chunks/compose.js', entries: /^commands\/compose\//, part: 0.5, only },
      {
        file: 'chunks/containers.js',
        entries: /^commands\/(run|exec|container\/create)\.js$/,
        part: 0.6,
        only,
      },
    ],
    options: { ...common, keepNames: false },
  });
  rmSync(parts, { recursive: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  rmSync('dist', { recursive: true, force: true });
  await Promise.all([buildAgent(), buildCli(), buildLauncher()]);
  execFileSync(process.execPath, [
    'node_modules/typescript-native/bin/tsc',
    '-p',
    'tsconfig.declarations.json',
  ]);
  execFileSync(process.execPath, ['node_modules/oclif/bin/run.js', 'manifest', '.'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
