import type {
  Deploy,
  DeployRestartPolicy,
  GenericResource,
  Placement,
  Resource,
  Resources,
  UpdateConfig,
} from '../model/deploy.js';
import { field, object, optional, struct } from './codec.js';
import { labels, list, texts } from './collections.js';
import {
  bytes,
  duration,
  float,
  number,
  numberOrZero,
  positiveDuration,
  requiredText,
  text,
  zeroed,
} from './scalars.js';
import { deviceRequest, withoutExtensions } from './shared-elements.js';

const updateConfig = object<UpdateConfig>({
  parallelism: field('parallelism', numberOrZero),
  delayNs: field('delay', positiveDuration),
  failureAction: field('failure_action', text),
  monitorNs: field('monitor', positiveDuration),
  maxFailureRatio: field('max_failure_ratio', float),
  order: field('order', text),
});

const discreteResource = withoutExtensions(
  object<NonNullable<GenericResource['discreteResourceSpec']>>({
    kind: field('kind', requiredText),
    value: field('value', zeroed(numberOrZero)),
  }),
);

const resource = object<Resource>({
  cpus: field('cpus', float),
  memory: field('memory', bytes),
  pids: field('pids', number),
  devices: field('devices', list(deviceRequest)),
  genericResources: field(
    'generic_resources',
    list(
      object<GenericResource>({
        discreteResourceSpec: field('discrete_resource_spec', optional(discreteResource)),
      }),
    ),
  ),
});

const resources = object<Resources>({
  limits: field('limits', optional(resource)),
  reservations: field('reservations', optional(resource)),
});

const restartPolicy = object<DeployRestartPolicy>({
  condition: field('condition', text),
  delayNs: field('delay', duration),
  maxAttempts: field('max_attempts', numberOrZero),
  windowNs: field('window', duration),
});

const placement = object<Placement>({
  constraints: field('constraints', texts),
  preferences: field(
    'preferences',
    list(object<Placement['preferences'][number]>({ spread: field('spread', text) })),
  ),
  maxReplicasPerNode: field('max_replicas_per_node', number),
});

export const deploy = object<Deploy>({
  mode: field('mode', text),
  replicas: field('replicas', numberOrZero),
  labels: field('labels', labels),
  updateConfig: field('update_config', optional(updateConfig)),
  rollbackConfig: field('rollback_config', optional(updateConfig)),
  resources: field('resources', struct(resources)),
  restartPolicy: field('restart_policy', optional(restartPolicy)),
  placement: field('placement', struct(placement)),
  endpointMode: field('endpoint_mode', text),
});
