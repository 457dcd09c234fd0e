import { resolve } from 'node:path';
import { Flags, type Interfaces } from '@oclif/core';
import type { Mount, Port } from '../../compose/model/mounts-and-ports.js';
import type { Service } from '../../compose/model/service.js';
import { readEnvironment } from '../docker/environment.js';
import { parseLabels } from '../docker/key-values.js';
import { parsePublishedPorts } from '../docker/port-spec.js';
import type { OpenProject } from './project-command.js';

const list = { multiple: true, multipleNonGreedy: true } as const;

/** What `compose run` changes of a service. */
export const runFlags = {
  detach: Flags.boolean({ char: 'd', description: 'leave it to itself and print its ID' }),
  rm: Flags.boolean({ description: 'remove the container when it has ended' }),
  name: Flags.string({ description: 'name of the container', helpValue: 'NAME' }),
  interactive: Flags.boolean({ char: 'i', description: 'send input', default: true, allowNo: true }),
  'no-TTY': Flags.boolean({ char: 'T', description: 'no terminal for the command' }),
  env: Flags.string({ char: 'e', description: 'set a variable', helpValue: 'NAME[=VALUE]', ...list }),
  label: Flags.string({ char: 'l', description: 'add a label', helpValue: 'KEY[=VALUE]', ...list }),
  volume: Flags.string({
    char: 'v',
    description: 'mount a directory or volume',
    helpValue: 'SOURCE:TARGET',
    ...list,
  }),
  publish: Flags.string({ char: 'p', description: 'publish a port', helpValue: '[IP:]PORT:PORT', ...list }),
  'service-ports': Flags.boolean({ char: 'P', description: "publish the service's ports" }),
  'use-aliases': Flags.boolean({ description: "answer to the service's names in its networks" }),
  entrypoint: Flags.string({ description: "instead of the image's entry point", helpValue: 'COMMAND' }),
  user: Flags.string({ char: 'u', description: 'run as this user', helpValue: 'USER[:GROUP]' }),
  workdir: Flags.string({ char: 'w', description: 'run in this directory', helpValue: 'DIR' }),
  'cap-add': Flags.string({ description: 'add a capability', helpValue: 'CAPABILITY', ...list }),
  'cap-drop': Flags.string({ description: 'drop a capability', helpValue: 'CAPABILITY', ...list }),
};

export interface RunChanges {
  readonly flags: Interfaces.InferredFlags<typeof runFlags>;
  readonly command: readonly string[];
  readonly tty: boolean;
  readonly environment: NodeJS.ProcessEnv;
}

/** The service as it is run once. Throws FLAG_INVALID. */
export async function oneOffService(
  { project }: OpenProject,
  name: string,
  { flags, command, tty, environment }: RunChanges,
): Promise<Service> {
  const service = project.services[name];
  if (!service) throw new Error(`service "${name}" was selected before`);
  const variables = await readEnvironment([], flags.env ?? [], environment);
  return {
    ...service,
    tty,
    stdinOpen: flags.interactive,
    ...(command.length > 0 && { command }),
    ...(flags.entrypoint !== undefined && { entrypoint: words(flags.entrypoint), command }),
    environment: { ...service.environment, ...Object.fromEntries(variables.map(pair)) },
    labels: { ...service.labels, ...parseLabels(flags.label ?? []) },
    ports: [...(flags['service-ports'] ? service.ports : []), ...publishedPorts(flags.publish ?? [])],
    volumes: [
      ...service.volumes,
      ...(flags.volume ?? []).map((text) => mount(text, project.workingDirectory)),
    ],
    user: flags.user ?? service.user,
    workingDir: flags.workdir ?? service.workingDir,
    capAdd: [...service.capAdd, ...(flags['cap-add'] ?? [])],
    capDrop: [...service.capDrop, ...(flags['cap-drop'] ?? [])],
  };
}

function pair(variable: string): readonly [string, string | null] {
  const at = variable.indexOf('=');
  return at < 0 ? [variable, null] : [variable.slice(0, at), variable.slice(at + 1)];
}

function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

function publishedPorts(specs: readonly string[]): readonly Port[] {
  const { bindings } = parsePublishedPorts(specs, []);
  return Object.entries(bindings).flatMap(([key, list]) => {
    const [target, protocol = 'tcp'] = key.split('/');
    return (list ?? []).map(({ HostIp, HostPort }) => ({
      ...{ target: Number(target), protocol, hostIp: HostIp || undefined, published: HostPort || undefined },
      extensions: {},
    }));
  });
}

/** SOURCE:TARGET[:ro], or a target alone for an anonymous volume. */
function mount(text: string, directory: string): Mount {
  const [first = '', second, mode] = text.split(':');
  const [source, target] = second === undefined ? [undefined, first] : [first, second];
  const isPath = source !== undefined && /^[./~]/.test(source);
  return {
    type: isPath ? 'bind' : 'volume',
    source: isPath ? resolve(directory, source) : source,
    target,
    readOnly: mode?.split(',').includes('ro') ?? false,
    ...(isPath && { bind: { createHostPath: true, extensions: {} } }),
    extensions: {},
  };
}
