/** What Docker Compose writes on everything it makes, so that every tool that reads them finds its way. */
export const label = {
  project: 'com.docker.compose.project',
  service: 'com.docker.compose.service',
  number: 'com.docker.compose.container-number',
  oneOff: 'com.docker.compose.oneoff',
  configHash: 'com.docker.compose.config-hash',
  image: 'com.docker.compose.image',
  dependsOn: 'com.docker.compose.depends_on',
  configFiles: 'com.docker.compose.project.config_files',
  workingDirectory: 'com.docker.compose.project.working_dir',
  environmentFile: 'com.docker.compose.project.environment_file',
  replace: 'com.docker.compose.replace',
  slug: 'com.docker.compose.slug',
  network: 'com.docker.compose.network',
  volume: 'com.docker.compose.volume',
  version: 'com.docker.compose.version',
  /** Ours: all machines of a project that is on several, by which it is found without its files. */
  machines: 'tsmachine.compose.machines',
} as const;

/** The release of Docker Compose whose labels and hashes these are. */
export const composeVersion = '2.26.1';

export type Labels = Readonly<Record<string, string>>;
