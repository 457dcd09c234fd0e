import { writeFile } from 'node:fs/promises';
import { Args } from '@oclif/core';
import { ContextCommand } from '../../cli/context-command.js';
import { outputIsTerminal } from '../../cli/docker/errors.js';
import { contextArchive } from '../../machine/contexts/context-archive.js';
import { withoutMark } from '../../machine/contexts/docker-contexts.js';
import { fileExists } from '../../machine/share/errors.js';
import { systemErrorCode } from '../../shared/errors.js';

export default class ContextExport extends ContextCommand {
  static override summary = 'Write a context of docker to a file, keys included';
  static override description =
    'As "docker context export": for "context import" on another computer. The file, readable by you alone, lets whoever has it work on the engine; "tsmachine export" gives a machine to somebody with keys of their own.';
  static override examples = [
    '<%= config.bin %> context export web',
    '<%= config.bin %> context export web - | ssh laptop docker context import web -',
  ];
  static override enableJsonFlag = false;
  static override args = {
    name: Args.string({ description: 'name of the context', required: true }),
    file: Args.string({
      ...{ description: 'file to write, or "-" for STDOUT; else NAME.dockercontext' },
      ignoreStdin: true,
    }),
  };

  async run(): Promise<void> {
    const { args } = await this.parse(ContextExport);
    const { name, file = `${args.name}.dockercontext` } = args;
    const context = await this.readContext(name);
    const archive = contextArchive({ ...context, metadata: withoutMark(context.metadata) });
    if (file === '-') {
      if (process.stdout.isTTY)
        throw outputIsTerminal('an archive', 'name a file, or send it through a pipe');
      process.stdout.write(archive);
      return;
    }
    await writeFile(file, archive, { flag: 'wx', mode: 0o600 }).catch((cause: unknown) => {
      throw systemErrorCode(cause) === 'EEXIST' ? fileExists(file) : cause;
    });
    this.reporter.info(`Written file "${file}"`);
  }
}
