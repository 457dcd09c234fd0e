import { Args } from '@oclif/core';
import { BuildCommand, type BuildResult } from '../cli/docker/build/build-command.js';
import { buildFlags } from '../cli/docker/build/build-flags.js';

export default class Build extends BuildCommand {
  static override summary = 'Build an image from a Dockerfile';
  static override description =
    'What the Dockerfile needs of the directory is sent, without what .dockerignore names, and next time only what has changed. A URL is a git repository, with #REF:DIRECTORY behind it where wanted, or an archive; - reads an archive or a Dockerfile from STDIN. BuildKit builds where the engine has it; DOCKER_BUILDKIT=0 and limits such as --memory choose the classic builder. Ctrl-C ends the build and leaves nothing. Ends with the exit code of the step that failed.';
  static override examples = [
    '<%= config.bin %> build -t app .',
    '<%= config.bin %> build -t app:test --target test --build-arg VERSION=2 -f docker/Dockerfile .',
    '<%= config.bin %> build --secret id=npm,src=.npmrc --ssh default -t app .',
    '<%= config.bin %> build --target binaries -o out .',
    '<%= config.bin %> build --check .',
    '<%= config.bin %> build https://github.com/user/repository.git#main:directory',
    'tar c . | <%= config.bin %> build -q -',
  ];
  static override args = {
    context: Args.string({ description: 'PATH, URL or -', required: true, ignoreStdin: true }),
  };
  static override flags = buildFlags;

  async run(): Promise<BuildResult> {
    const { args, flags } = await this.parse(Build);
    const result = await this.build(args.context, flags);
    if (flags.quiet && 'id' in result && result.id !== '') this.print(`${result.id}\n`);
    return result;
  }
}
