/** Who may import whom, lowest layer first. A folder may always import itself. See docs/architecture.md. */
const layers = {
  shared: [],
  api: ['shared'],
  pki: ['shared'],
  ssh: ['shared'],
  secrets: ['shared'],
  drivers: ['shared', 'ssh'],
  'driver-conformance': ['shared', 'drivers'],
  provision: ['shared', 'ssh'],
  grpc: ['shared'],
  buildkit: ['shared', 'grpc'],
  build: ['shared', 'api', 'grpc', 'buildkit'],
  machine: ['shared', 'api', 'pki', 'ssh', 'secrets', 'drivers', 'provision'],
  compose: ['shared', 'api', 'build'],
  cli: ['shared', 'api', 'build', 'pki', 'ssh', 'secrets', 'drivers', 'provision', 'machine', 'compose'],
  commands: ['shared', 'api', 'cli', 'machine', 'compose'],
  hooks: ['shared', 'cli'],
  agent: ['shared', 'api', 'grpc', 'buildkit'],
};

const agentLayers = {
  kernel: [],
  state: [],
  image: ['state', 'layer'],
  quota: ['kernel'],
  layer: ['state', 'kernel', 'quota'],
  trust: [],
  registry: ['image', 'layer', 'trust'],
  rootfs: ['kernel', 'layer'],
  runtime: ['kernel'],
  build: ['kernel', 'state', 'image', 'layer', 'rootfs', 'runtime'],
  buildkit: ['build', 'kernel', 'image', 'layer'],
  logs: ['kernel'],
  plugin: [],
  network: ['state', 'kernel', 'plugin'],
  volume: ['state', 'kernel', 'quota', 'plugin'],
  dns: ['kernel'],
  engine: [
    'kernel',
    'state',
    'image',
    'layer',
    'registry',
    'trust',
    'rootfs',
    'runtime',
    'logs',
    'network',
    'volume',
    'dns',
    'build',
    'buildkit',
  ],
  server: [],
};

const layerRules = (root, table) =>
  Object.entries(table).map(([name, allowed]) => ({
    name: `${root}${name} may import ${allowed.join(', ') || 'only itself'}`,
    severity: 'error',
    from: { path: `^src/${root}${name}/` },
    to: {
      path: root === '' ? '^src/' : `^src/${root}`,
      pathNot: `^src/${root}(?:${[name, ...allowed].join('|')})/`,
    },
  }));

const door = (packageName, file) => ({
  name: `only ${file} imports ${packageName}`,
  severity: 'error',
  from: { path: '^src/', pathNot: `^src/${file}` },
  to: { path: `node_modules/${packageName}/` },
});

module.exports = {
  forbidden: [
    { name: 'no circles', severity: 'error', from: {}, to: { circular: true } },
    ...layerRules('', layers),
    ...layerRules('agent/', agentLayers),
    {
      name: 'drivers do not know each other',
      severity: 'error',
      from: { path: '^src/drivers/([^/]+)/' },
      to: { path: '^src/drivers/[^/]+/', pathNot: '^src/drivers/$1/' },
    },
    {
      name: 'compose/model knows nothing of the rest of compose',
      severity: 'error',
      from: { path: '^src/compose/model/' },
      to: { path: '^src/', pathNot: '^src/(compose/model|shared)/' },
    },
    door('ssh2', 'ssh/ssh2-(transport|login|agent).ts'),
    door('koffi', '(agent/kernel/libc|drivers/libvirt/native/library).ts'),
    door('@oclif', '(cli|commands|hooks)/'),
    door('@peculiar', 'pki/'),
    door('@aws-sdk', 'drivers/ec2/client.ts'),
    door('@github/keytar', 'secrets/keyring-secret-store.ts'),
    door('@inquirer', 'cli/'),
    door('yaml', 'compose/file/yaml-[a-z]+.ts'),
    door('ajv', 'compose/file/schema/'),
    door('@balena/dockerignore', 'build/ignore-rules.ts'),
    door('chokidar', 'compose/watch/file-watcher.ts'),
    door('@bufbuild', 'grpc/message.ts'),
    {
      name: 'child_process has one door',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/shared/spawn.ts' },
      to: { path: '^(node:)?child_process$' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
