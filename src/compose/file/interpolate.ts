import { errorMessage } from '../../shared/errors.js';
import { toBoolean } from './boolean.js';
import { formatPath, type Path, PathTable } from './path.js';
import { InvalidTemplateError, type Substitution, substitute } from './template.js';
import { isMapping, type Mapping, type Value } from './value.js';

/** Fails at a place of the file that is read. */
export type FailAt = (path: Path, message: string) => Error;

/** Puts the values of variables in everywhere but in keys; numbers and switches that come so become such. */
export function interpolate(content: Mapping, substitution: Substitution, fail: FailAt): Mapping {
  const visit = (value: Value, path: Path): Value => {
    if (typeof value === 'string') return interpolateText(value, path, substitution, fail);
    if (Array.isArray(value)) return value.map((item, index) => visit(item, [...path, index]));
    return isMapping(value) ? visitMapping(value, path) : value;
  };
  const visitMapping = (mapping: Mapping, path: Path): Mapping =>
    Object.fromEntries(Object.entries(mapping).map(([key, value]) => [key, visit(value, [...path, key])]));
  return visitMapping(content, []);
}

function interpolateText(text: string, path: Path, substitution: Substitution, fail: FailAt): Value {
  let result: string;
  try {
    result = substitute(text, substitution);
  } catch (error) {
    throw fail(path, interpolationMessage(error, path));
  }
  const cast = casts.get(path);
  if (cast === undefined) return result;
  const value = cast(result);
  if (value === undefined) {
    throw fail(
      path,
      `error while interpolating ${formatPath(path)}: failed to cast to expected type: invalid value "${result}"`,
    );
  }
  return value;
}

function interpolationMessage(error: unknown, path: Path): string {
  if (error instanceof InvalidTemplateError) {
    return `invalid interpolation format for ${formatPath(path)}.\nYou may need to escape any $ with another $.\n${error.message}`;
  }
  return `error while interpolating ${formatPath(path)}: ${errorMessage(error)}`;
}

type Cast = (text: string) => number | boolean | undefined;

const integer: Cast = (text) => (/^[-+]?\d+$/.test(text) ? Number(text) : undefined);
const float: Cast = (text) => (/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : undefined);

const casts = new PathTable<Cast>({
  ...serviceCasts(integer, [
    'configs.*.mode',
    'secrets.*.mode',
    'cpu_count',
    'cpu_period',
    'cpu_quota',
    'cpu_rt_period',
    'cpu_rt_runtime',
    'cpu_shares',
    'deploy.replicas',
    'deploy.update_config.parallelism',
    'deploy.rollback_config.parallelism',
    'deploy.restart_policy.max_attempts',
    'deploy.placement.max_replicas_per_node',
    'healthcheck.retries',
    'oom_score_adj',
    'pids_limit',
    'ports.*.target',
    'scale',
    'ulimits.*',
    'ulimits.*.hard',
    'ulimits.*.soft',
  ]),
  ...serviceCasts(float, [
    'cpu_percent',
    'cpus',
    'deploy.update_config.max_failure_ratio',
    'deploy.rollback_config.max_failure_ratio',
  ]),
  ...serviceCasts(toBoolean, [
    'init',
    'healthcheck.disable',
    'oom_kill_disable',
    'privileged',
    'read_only',
    'stdin_open',
    'tty',
    'volumes.*.read_only',
    'volumes.*.volume.nocopy',
  ]),
  ...{ 'networks.*.external': toBoolean, 'networks.*.internal': toBoolean },
  ...{ 'networks.*.attachable': toBoolean },
  ...{ 'networks.*.enable_ipv4': toBoolean, 'networks.*.enable_ipv6': toBoolean },
  ...{ 'volumes.*.external': toBoolean, 'secrets.*.external': toBoolean, 'configs.*.external': toBoolean },
});

function serviceCasts(cast: Cast, attributes: readonly string[]): Record<string, Cast> {
  return Object.fromEntries(attributes.map((attribute) => [`services.*.${attribute}`, cast]));
}
