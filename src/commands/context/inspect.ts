import { Args, Flags } from '@oclif/core';
import { ContextCommand } from '../../cli/context-command.js';
import { inspectAll } from '../../cli/docker/inspect-all.js';
import { joinedErrors } from '../../cli/joined-errors.js';

interface InspectedContext {
  readonly Name: string;
  readonly Metadata: object;
  readonly Endpoints: object;
  /** The names of the files, by endpoint. */
  readonly TLSMaterial: Readonly<Record<string, readonly string[]>>;
  readonly Storage: { readonly MetadataPath: string; readonly TLSPath: string };
}

export default class ContextInspect extends ContextCommand {
  static override summary = 'Print what docker knows of contexts as JSON';
  static override description =
    'As "docker context inspect"; without names of the one in use. No key and no certificate is in it.';
  static override examples = [
    '<%= config.bin %> context inspect',
    `<%= config.bin %> context inspect -f '{{.Endpoints.docker.Host}}' web`,
  ];
  static override args = { name: Args.string({ description: 'contexts; else the one in use' }) };
  static override strict = false;
  static override flags = {
    format: Flags.string({ char: 'f', description: 'json, or a Go template over the keys of the JSON' }),
  };

  async run(): Promise<readonly object[]> {
    const { argv, flags } = await this.parse(ContextInspect);
    const names = argv.length > 0 ? argv.map(String) : [await this.currentContext()];
    const { found, failures, text } = await inspectAll(names, flags.format, (name) => this.inspect(name));
    if (!this.jsonEnabled()) this.print(text);
    if (failures.length > 0) throw joinedErrors(failures);
    return found;
  }

  private async inspect(name: string): Promise<InspectedContext> {
    const { metadata, endpoints, tls } = await this.readContext(name);
    const isDefault = name === 'default';
    const files = Object.entries(tls).map(([kind, texts]) => [kind, Object.keys(texts).sort()]);
    const places = this.contextStore.places(name);
    return {
      Name: name,
      Metadata: isDefault ? {} : metadata,
      Endpoints: endpoints,
      TLSMaterial: Object.fromEntries(files),
      Storage: isDefault
        ? { MetadataPath: inMemory, TLSPath: inMemory }
        : { MetadataPath: places.metadata, TLSPath: places.tls },
    };
  }
}

/** Docker's word for what is in no file. */
const inMemory = '<IN MEMORY>';
