import { failAnywhere, type LoadContext } from './load-context.js';
import { formatPath, type Path } from './path.js';
import { isMapping, isSequence, type Mapping, mappingAt, type Value } from './value.js';

/** What the schema cannot say of single elements. Throws COMPOSE_FILE_INVALID. */
export function checkElements(content: Mapping, { documents }: LoadContext): void {
  const fail = (path: Path, message: string) =>
    failAnywhere(documents, path, `${formatPath(path)}: ${message}`);
  for (const [name, volume] of Object.entries(mappingAt(content, 'volumes'))) {
    checkExternal(volume, ['volumes', name], fail);
  }
  for (const [name, object] of Object.entries(mappingAt(content, 'configs'))) {
    checkContent(object, ['file', 'environment', 'content'], ['configs', name], fail);
  }
  for (const [name, object] of Object.entries(mappingAt(content, 'secrets'))) {
    checkContent(object, ['file', 'environment'], ['secrets', name], fail);
  }
  for (const [name, service] of Object.entries(mappingAt(content, 'services'))) {
    if (isMapping(service)) checkDevices(service, ['services', name], fail);
  }
}

type Fail = (path: Path, message: string) => Error;

function checkExternal(volume: Value, path: Path, fail: Fail): void {
  if (!isMapping(volume) || volume['external'] !== true) return;
  const other = Object.keys(volume).find(
    (key) => !['name', 'external'].includes(key) && !key.startsWith('x-'),
  );
  if (other === undefined) return;
  throw fail([...path, other], `conflicting parameters "external" and "${other}" specified`);
}

function checkContent(object: Value, keys: readonly string[], path: Path, fail: Fail): void {
  const fields: Mapping = isMapping(object) ? object : {};
  const count = keys.filter((key) => fields[key] !== undefined).length;
  if (count > 1) throw fail(path, `${keys.join('|')} attributes are mutually exclusive`);
  if (count === 0 && fields['driver'] === undefined && fields['external'] === undefined) {
    throw fail(path, `one of ${keys.join('|')} must be set`);
  }
}

function checkDevices(service: Mapping, path: Path, fail: Fail): void {
  const reservations = mappingAt(mappingAt(mappingAt(service, 'deploy'), 'resources'), 'reservations');
  const lists: readonly [Path, Value | undefined][] = [
    [['gpus'], service['gpus']],
    [['deploy', 'resources', 'reservations', 'devices'], reservations['devices']],
  ];
  for (const [where, devices] of lists) {
    for (const [index, device] of (isSequence(devices) ? devices : []).entries()) {
      if (!isMapping(device) || device['count'] === undefined || device['device_ids'] === undefined) continue;
      throw fail([...path, ...where, index], '"count" and "device_ids" attributes are exclusive');
    }
  }
}
