import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { PathTable } from './path.js';
import { type Change, transform } from './transform.js';
import { isMapping, type Mapping, type Value } from './value.js';

/** Makes the relative paths of a file with its long forms relative to nothing: they are so to `base`. */
export function resolvePaths(content: Mapping, base: string): Mapping {
  const absolute = (file: Value): Value =>
    typeof file === 'string' && file !== '' ? absolutePath(file, base) : file;
  const context: Change = (value) =>
    typeof value === 'string' && isRemoteContext(value) ? value : absolute(value);
  const hostPath: Change = (value) =>
    typeof value === 'string' && isWindowsAbsolute(value) ? value : absolute(value);
  const at = (key: string, change: Change): Change => {
    return (value, path) =>
      isMapping(value) && value[key] !== undefined ? { ...value, [key]: change(value[key], path) } : value;
  };
  return transform(
    content,
    new PathTable<Change>({
      'services.*.build.context': context,
      'services.*.build.additional_contexts.*': context,
      'services.*.build.ssh.*': hostPath,
      'services.*.env_file.*.path': absolute,
      'services.*.label_file.*': absolute,
      'services.*.extends.file': absolute,
      'services.*.develop.watch.*.path': (value) => followLinks(absolute(value)),
      'services.*.volumes.*': (value, path) =>
        isMapping(value) && value['type'] === 'bind' ? at('source', hostPath)(value, path) : value,
      'configs.*.file': hostPath,
      'secrets.*.file': hostPath,
      'volumes.*': (value, path) =>
        isBind(value) ? at('driver_opts', at('device', hostPath))(value, path) : value,
    }),
  );
}

/** `~` is the home directory. */
export function absolutePath(file: string, base: string): string {
  const expanded = file.startsWith('~') ? path.join(homedir(), file.slice(1)) : file;
  return path.isAbsolute(expanded) ? expanded : path.join(base, expanded);
}

function isRemoteContext(text: string): boolean {
  return text.includes('://') || /^(?:service:|github\.com\/|git@)/.test(text);
}

/** For a client on Windows whose engine is on Linux, or the other way round. */
function isWindowsAbsolute(file: string): boolean {
  return /^(?:[a-z]:[\\/]|[\\/]{2}[^\\/.])/i.test(file);
}

/** A volume of the driver `local` that is a directory of the host. */
function isBind(volume: Value): boolean {
  if (!isMapping(volume) || volume['driver'] !== 'local') return false;
  const options = volume['driver_opts'];
  return isMapping(options) && options['o'] === 'bind';
}

function followLinks(file: Value): Value {
  if (typeof file !== 'string' || !path.isAbsolute(file)) return file;
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
