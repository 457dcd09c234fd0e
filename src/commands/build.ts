import { Args } from '@oclif/core';
import { stepExitCode } from '../api/client/errors.js';
import { buildFlags } from '../cli/docker/build/build-flags.js';
import { buildOptions } from '../cli/docker/build/build-request.js';
import { runBuild } from '../cli/docker/build/run-build.js';
import { EngineCommand } from '../cli/docker/engine-command.js';

export default class Build extends EngineCommand {
  static override summary = 'Build an image from a Dockerfile';
  static override description =
    'The directory is sent without what its .dockerignore names. A URL is a git repository, with #REF:DIRECTORY behind it where wanted, or an archive; - reads an archive or a Dockerfile from STDIN. Ctrl-C ends the build and leaves nothing. Ends with the exit code of the step that failed.';
  static override examples = [
    '<%= config.bin %> build -t app .',
    '<%= config.bin %> build -t app:test --target test --build-arg VERSION=2 -f docker/Dockerfile .',
    '<%= config.bin %> build https://github.com/user/repository.git#main:directory',
    'tar c . | <%= config.bin %> build -q -',
  ];
  static override args = {
    context: Args.string({ description: 'PATH, URL or -', required: true, ignoreStdin: true }),
  };
  static override flags = buildFlags;

  async run(): Promise<{ readonly id: string }> {
    const { args, flags } = await this.parse(Build);
    const registryConfig = await this.registryConfiguration();
    const options = { ...buildOptions(flags, this.environment), registryConfig };
    const source = { place: args.context, dockerfile: flags.file, stdin: this.stdio.stdin };
    const output = flags.quiet || this.jsonEnabled() ? undefined : this.stdio.stdout;
    using client = await this.engineClient(flags.machine);
    const request = { source, options, compress: flags.compress, idFile: flags.iidfile };
    const id = await runBuild(client, request, output, this.signal);
    if (flags.quiet) this.print(`${id}\n`);
    return { id };
  }

  protected override exitCode(error: unknown): number {
    return stepExitCode(error) ?? super.exitCode(error);
  }
}
