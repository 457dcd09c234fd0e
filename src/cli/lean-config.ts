import { homedir } from 'node:os';
import { Config } from '@oclif/core';
import { packageRoot } from '../shared/package-root.js';
import { version } from '../shared/version.js';

/**
 * What a command needs of oclif's configuration, without looking for plugins, reading the manifest of all commands and
 * asking the platform what it is; all that takes longer than most commands. It knows no command and runs no hook.
 */
export class LeanConfig extends Config {
  constructor() {
    super({ root: packageRoot() });
    this.name = this.bin = this.dirname = 'tsmachine';
    this.topicSeparator = ' ';
    this.version = version;
    this.root = packageRoot();
    this.windows = process.platform === 'win32';
    this.home = process.env['HOME'] || (this.windows && this.windowsHome()) || homedir();
    this.userAgent = `tsmachine/${version} ${process.platform}-${process.arch} node-${process.version}`;
    this.cacheDir = this.scopedEnvVar('CACHE_DIR') || this.macosCacheDir() || this.dir('cache');
    this.configDir = this.scopedEnvVar('CONFIG_DIR') || this.dir('config');
    this.dataDir = this.scopedEnvVar('DATA_DIR') || this.dir('data');
  }

  override async runHook() {
    return { successes: [], failures: [] };
  }
}
