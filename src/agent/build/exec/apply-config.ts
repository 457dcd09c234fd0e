import { posix } from 'node:path';
import { applyChanges } from '../../image/config-changes.js';
import type { ImageRunConfig } from '../../image/image-config.js';
import type { Instruction } from '../dockerfile/instruction.js';
import { buildInvalid } from '../errors.js';
import { shellOf } from './state.js';

/** An instruction that only changes the configuration: the new one, and its line of the history. */
export interface ConfigChange {
  readonly config: ImageRunConfig;
  readonly comment: string;
}

/** `args` have their variables replaced. Throws BUILD_INVALID, IMAGE_CHANGE_INVALID. */
export function applyConfig(
  config: ImageRunConfig,
  { name, json, source }: Pick<Instruction, 'name' | 'json' | 'source'>,
  args: readonly string[],
  cmdIsSet: boolean,
): ConfigChange {
  const text = args.join(' ');
  switch (name) {
    case 'ENV':
      return { config: { ...config, Env: withEnv(config.Env ?? [], args) }, comment: `ENV ${text}` };
    case 'LABEL': {
      const labels = Object.fromEntries(args.map(splitPair));
      return { config: { ...config, Labels: { ...config.Labels, ...labels } }, comment: `LABEL ${text}` };
    }
    case 'CMD':
    case 'ENTRYPOINT': {
      const argv = json || args.length === 0 ? args : [...shellOf(config), text];
      const comment = `${name} [${argv.map((word) => JSON.stringify(word)).join(' ')}]`;
      if (name === 'CMD') return { config: { ...config, Cmd: argv }, comment };
      return { config: { ...config, Entrypoint: argv, ...(!cmdIsSet && { Cmd: null }) }, comment };
    }
    case 'EXPOSE': {
      const changed = applyChanges({}, [`EXPOSE ${text}`]).ExposedPorts ?? {};
      const ports = Object.keys(changed).sort();
      return {
        config: { ...config, ExposedPorts: { ...config.ExposedPorts, ...changed } },
        comment: `EXPOSE ${ports.join(' ')}`,
      };
    }
    case 'VOLUME': {
      const volumes = Object.fromEntries(args.map((path) => [path.trim(), {}]));
      return {
        config: { ...config, Volumes: { ...config.Volumes, ...volumes } },
        comment: `VOLUME [${args.join(' ')}]`,
      };
    }
    case 'USER':
      return { config: { ...config, User: text }, comment: `USER ${text}` };
    case 'STOPSIGNAL':
      if (!/^(?:\d+|(?:SIG)?[A-Z][A-Z0-9+-]*)$/i.test(text)) throw buildInvalid(`Invalid signal: ${text}`);
      return { config: { ...config, StopSignal: text }, comment: `STOPSIGNAL ${text}` };
    case 'SHELL':
      return { config: { ...config, Shell: args }, comment: `SHELL [${args.join(' ')}]` };
    case 'HEALTHCHECK':
      return { config: applyChanges(config, [`HEALTHCHECK ${text}`]), comment: `HEALTHCHECK ${text}` };
    case 'ONBUILD': {
      const trigger = source.replace(/^\s*ONBUILD\s*/i, '');
      return {
        config: { ...config, OnBuild: [...(config.OnBuild ?? []), trigger] },
        comment: `ONBUILD ${trigger}`,
      };
    }
    case 'WORKDIR': {
      const WorkingDir = workingDirectory(config, text);
      return { config: { ...config, WorkingDir }, comment: `WORKDIR ${WorkingDir}` };
    }
    default:
      return { config, comment: `${name} ${text}` };
  }
}

function workingDirectory({ WorkingDir }: ImageRunConfig, path: string): string {
  if (path === '') throw buildInvalid('cannot normalize nothing');
  return posix.resolve('/', WorkingDir || '/', path);
}

/** A path of an instruction upon the working directory; a slash at its end stays. */
export function absolutePath({ WorkingDir }: ImageRunConfig, path: string): string {
  const absolute = posix.resolve('/', WorkingDir || '/', path);
  const isDirectory = path.endsWith('/') || path === '.' || path.endsWith('/.');
  return isDirectory && absolute !== '/' ? `${absolute}/` : absolute;
}

function withEnv(env: readonly string[], changes: readonly string[]): readonly string[] {
  const all = new Map(env.map((entry) => [entry.split('=', 1)[0] ?? '', entry]));
  for (const entry of changes) all.set(entry.split('=', 1)[0] ?? '', entry);
  return [...all.values()];
}

function splitPair(pair: string): readonly [string, string] {
  const equals = pair.indexOf('=');
  return [pair.slice(0, equals), pair.slice(equals + 1)];
}
