import { errorMessage } from '../../shared/errors.js';
import type { FailAt } from './interpolate.js';
import { formatPath, type Path, PathTable } from './path.js';
import { parsePort } from './port-spec.js';
import { type Change, transform } from './transform.js';
import { isMapping, isSequence, type Mapping, mapValues, type Value, valueText, without } from './value.js';
import { parseVolume } from './volume-spec.js';

export interface CanonicalOptions {
  readonly fail: FailAt;
  readonly warn: (message: string) => void;
  /** With variables in it a short form may not be readable; it stays then. */
  readonly lenient: boolean;
}

/** Puts every short form of a valid file in its long form. */
export function canonical(content: Mapping, options: CanonicalOptions): Mapping {
  const external = externalForm(options);
  return transform(
    content,
    new PathTable<Change>({
      'services.*.build': (value) => (typeof value === 'string' ? { context: value } : value),
      'services.*.build.secrets.*': sourceForm,
      'services.*.build.additional_contexts': keyValues(options),
      'services.*.build.ssh': sshForm(options),
      'services.*.depends_on': dependsOnForm,
      'services.*.env_file': envFileForm,
      'services.*.label_file': listForm,
      'services.*.gpus': (value) => (typeof value === 'string' ? [{ count: 'all' }] : value),
      'services.*.networks': networksForm,
      'services.*.models': networksForm,
      'services.*.volumes.*': volumeForm(options),
      'services.*.dns': dnsForm,
      'services.*.devices.*': deviceForm(options),
      'services.*.secrets.*': sourceForm,
      'services.*.configs.*': sourceForm,
      'services.*.ports': portsForm(options),
      ...{ 'volumes.*': external, 'networks.*': external, 'secrets.*': external, 'configs.*': external },
    }),
  );
}

/** What is so where nothing is said; of a file with its long forms. */
export function withDefaults(content: Mapping): Mapping {
  const deviceCount: Change = (value) =>
    isMapping(value) && value['count'] === undefined && value['device_ids'] === undefined
      ? { ...value, count: 'all' }
      : value;
  return transform(
    content,
    new PathTable<Change>({
      'services.*.build': (value) => (isMapping(value) ? { context: '.', ...value } : value),
      'services.*.secrets.*': (value) =>
        isMapping(value) ? { target: `/run/secrets/${valueText(value['source'] ?? null)}`, ...value } : value,
      'services.*.ports.*': (value) =>
        isMapping(value) ? { protocol: 'tcp', mode: 'ingress', ...value } : value,
      'services.*.deploy.resources.reservations.devices.*': deviceCount,
      'services.*.gpus.*': deviceCount,
    }),
  );
}

const sourceForm: Change = (value) => (typeof value === 'string' ? { source: value } : value);

const listForm: Change = (value) => (typeof value === 'string' ? [value] : value);

const networksForm: Change = (value) =>
  isSequence(value) ? Object.fromEntries(value.map((name) => [valueText(name), null])) : value;

const dependsOnForm: Change = (value) => {
  const defaults = { condition: 'service_started', required: true };
  if (isMapping(value)) {
    return mapValues(value, (each) => (isMapping(each) ? { ...defaults, ...each } : each));
  }
  return isSequence(value) ? Object.fromEntries(value.map((name) => [valueText(name), defaults])) : value;
};

const envFileForm: Change = (value) =>
  (isSequence(value) ? value : [value]).map((each) =>
    isMapping(each) ? { required: true, ...each } : { path: each, required: true },
  );

/** An empty server, of a variable say, is none. */
const dnsForm: Change = (value) =>
  (isSequence(value) ? value : [value]).filter((server) => server !== null && server !== '');

function keyValues({ fail, lenient }: CanonicalOptions): Change {
  return (value, path) => {
    if (!isSequence(value)) return value;
    const pairs = value.map((each) => /^([^=]*)=(.*)$/s.exec(valueText(each)));
    const wrong = pairs.indexOf(null);
    if (wrong !== -1 && lenient) return value;
    return Object.fromEntries(
      pairs.map((pair, index) => {
        if (pair) return [pair[1], pair[2]];
        throw fail(
          [...path, index],
          `${formatPath(path)}: invalid value ${valueText(value[index] ?? null)}, expected key=value`,
        );
      }),
    );
  };
}

function sshForm({ fail }: CanonicalOptions): Change {
  return (value, path) => {
    if (typeof value === 'string') return sshForm({ fail, warn: () => {}, lenient: false })([value], path);
    if (!isSequence(value)) return value;
    return Object.fromEntries(
      value.map((each, index) => {
        const [, id = valueText(each), socket] = /^([^=]*)=(.*)$/s.exec(valueText(each)) ?? [];
        if (socket === undefined && id !== 'default') {
          throw fail([...path, index], `${formatPath(path)}: invalid ssh key "${id}"`);
        }
        return [id, socket ?? null];
      }),
    );
  };
}

function volumeForm({ fail, lenient }: CanonicalOptions): Change {
  return (value, path) => {
    if (typeof value !== 'string') return value;
    const volume = parseVolume(value);
    if (volume) return volume;
    if (lenient) return value;
    throw fail(path, `${formatPath(path)}: invalid volume "${value}": expected [SOURCE:]TARGET[:MODE]`);
  };
}

function deviceForm({ fail, lenient }: CanonicalOptions): Change {
  return (value, path) => {
    if (typeof value !== 'string') return value;
    const [source = '', target, permissions = 'rwm', ...more] = value.split(':');
    if (more.length > 0 && !lenient) {
      throw fail(path, `${formatPath(path)}: confusing device mapping, please use long syntax: ${value}`);
    }
    return { source, target: target || source, permissions };
  };
}

function portsForm({ fail, lenient }: CanonicalOptions): Change {
  const parse = (port: Value, at: Path): readonly Value[] => {
    if (typeof port === 'object') return [port];
    try {
      return parsePort(valueText(port));
    } catch (error) {
      throw fail(at, `${formatPath(at)}: ${errorMessage(error)}`);
    }
  };
  return (value, path) => {
    if (!isSequence(value)) return value;
    try {
      return value.flatMap((port, index) => parse(port, [...path, index]));
    } catch (error) {
      if (lenient) return value;
      throw error;
    }
  };
}

/** `external: {name: NAME}` of old files. */
function externalForm({ fail, warn }: CanonicalOptions): Change {
  return (value, path) => {
    if (!isMapping(value) || !isMapping(value['external'])) return value;
    const where = formatPath(path);
    const name = value['external']['name'];
    const resource = { ...without(value, 'external'), external: true };
    if (name === undefined) return resource;
    warn(`${where}: external.name is deprecated. Please set name and external: true`);
    if (value['name'] !== undefined && value['name'] !== name) {
      throw fail(path, `${where}: name and external.name conflict; only use name`);
    }
    return { ...resource, name };
  };
}
