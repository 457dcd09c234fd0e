import { changeInvalid } from './errors.js';
import { parseHealthcheck } from './healthcheck-change.js';
import type { ImageRunConfig } from './image-config.js';
import { splitWords } from './shell-words.js';

/**
 * Applies Dockerfile instructions as `docker import --change` and `docker commit --change` do. Throws
 * IMAGE_CHANGE_INVALID in Docker's words.
 */
export function applyChanges(config: ImageRunConfig, changes: readonly string[]): ImageRunConfig {
  const lines = changes.flatMap((change) => change.split(/(?<!\\)\n/)).filter((line) => line.trim() !== '');
  return lines.reduce(applyChange, config);
}

function applyChange(config: ImageRunConfig, line: string): ImageRunConfig {
  const [, name = '', rest = ''] = /^\s*(\S+)\s*(.*?)\s*$/s.exec(line) ?? [];
  const change = instructions.get(name.toUpperCase());
  if (!change) throw changeInvalid(`${name.toLowerCase()} is not a valid change command`);
  if (rest === '') throw changeInvalid(`${name.toUpperCase()} requires at least one argument`);
  return { ...config, ...change(rest, config) };
}

type Change = (rest: string, config: ImageRunConfig) => Partial<ImageRunConfig>;

const instructions: ReadonlyMap<string, Change> = new Map<string, Change>([
  ['CMD', (rest, config) => ({ Cmd: command(rest, config) })],
  ['ENTRYPOINT', (rest, config) => ({ Entrypoint: command(rest, config) })],
  ['ENV', (rest, config) => ({ Env: withEnv(config.Env ?? [], pairs('ENV', rest)) })],
  [
    'LABEL',
    (rest, config) => ({ Labels: { ...config.Labels, ...Object.fromEntries(pairs('LABEL', rest)) } }),
  ],
  ['EXPOSE', (rest, config) => ({ ExposedPorts: { ...config.ExposedPorts, ...ports(rest) } })],
  ['VOLUME', (rest, config) => ({ Volumes: { ...config.Volumes, ...set(list(rest)) } })],
  ['USER', (rest) => ({ User: rest })],
  ['WORKDIR', (rest, config) => ({ WorkingDir: directory(rest, config.WorkingDir) })],
  ['STOPSIGNAL', (rest) => ({ StopSignal: rest })],
  ['HEALTHCHECK', (rest) => ({ Healthcheck: parseHealthcheck(rest, jsonList) })],
  ['ONBUILD', (rest, config) => ({ OnBuild: [...(config.OnBuild ?? []), rest] })],
]);

/** JSON form, or words for the shell. */
function command(rest: string, config: ImageRunConfig): string[] {
  return jsonList(rest) ?? [...(config.Shell ?? ['/bin/sh', '-c']), rest];
}

function list(rest: string): string[] {
  return jsonList(rest) ?? rest.split(/\s+/);
}

function jsonList(rest: string): string[] | undefined {
  if (!rest.startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(rest);
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}

/** "A=1 B='two words'", or the old "A one two". */
function pairs(instruction: string, rest: string): [string, string][] {
  const words = splitWords(rest);
  const [first = ''] = words;
  if (!first.includes('=')) {
    const match = /^(\S+)\s+(.*)$/s.exec(rest);
    if (!match) throw changeInvalid(`${instruction} must have two arguments`);
    return [[match[1] ?? '', splitWords(`"${(match[2] ?? '').replaceAll('"', '\\"')}"`)[0] ?? '']];
  }
  return words.map((word) => {
    const equals = word.indexOf('=');
    if (equals < 0)
      throw changeInvalid(`Syntax error - can't find = in "${word}". Must be of the form: name=value`);
    if (equals === 0) throw changeInvalid(`${instruction} names can not be blank`);
    return [word.slice(0, equals), word.slice(equals + 1)];
  });
}

function withEnv(env: readonly string[], changes: readonly (readonly [string, string])[]): string[] {
  const all = new Map(env.map((item) => [item.split('=', 1)[0] ?? '', item]));
  for (const [name, value] of changes) all.set(name, `${name}=${value}`);
  return [...all.values()];
}

function ports(rest: string): Record<string, object> {
  return set(rest.split(/\s+/).flatMap(portRange));
}

function portRange(text: string): string[] {
  const match = /^(\d+)(?:-(\d+))?(?:\/(tcp|udp|sctp))?$/i.exec(text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (!match || first > last || last > 65535) throw changeInvalid(`invalid containerPort: ${text}`);
  const protocol = match[3]?.toLowerCase() ?? 'tcp';
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}/${protocol}`);
}

function set(names: readonly string[]): Record<string, object> {
  return Object.fromEntries(names.map((name) => [name, {}]));
}

function directory(path: string, base = '/'): string {
  const absolute = path.startsWith('/') ? path : `${base || '/'}/${path}`;
  const parts: string[] = [];
  for (const part of absolute.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
