import { createReadStream } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { Args } from '@oclif/core';
import { ContextCommand } from '../../cli/context-command.js';
import { fileUnreadable } from '../../cli/docker/errors.js';
import { largestContextArchive, readContextArchive } from '../../machine/contexts/context-archive.js';
import { contextArchiveInvalid } from '../../machine/contexts/errors.js';

export default class ContextImport extends ContextCommand {
  static override summary = 'Make a context of docker from a file';
  static override description =
    'As "docker context import": from what "context export" of docker or of tsmachine has written.';
  static override examples = [
    '<%= config.bin %> context import far far.dockercontext',
    'ssh laptop docker context export far - | <%= config.bin %> context import far -',
  ];
  static override args = {
    name: Args.string({ description: 'name of the new context', required: true }),
    file: Args.string({
      ...{ description: 'file to read, or "-" for STDIN', required: true },
      ignoreStdin: true,
    }),
  };

  async run(): Promise<{ readonly name: string }> {
    const { args } = await this.parse(ContextImport);
    const { name, file } = args;
    await this.assertNewContext(name);
    const stream = file === '-' ? process.stdin : createReadStream(file);
    const archive = await buffer(limited(stream, file));
    await this.addContext(await readContextArchive(archive, name));
    this.log(name);
    this.reporter.info(`Successfully imported context "${name}"`);
    return { name };
  }
}

async function* limited(stream: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<Uint8Array> {
  let size = 0;
  const pieces = stream[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await pieces.next().catch((cause: unknown) => {
      throw fileUnreadable(file, cause);
    });
    if (done) return;
    size += value.length;
    if (size > largestContextArchive) throw contextArchiveInvalid('it has more than 10 MiB');
    yield value;
  }
}
