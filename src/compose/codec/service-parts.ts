import { type Value, valueText } from '../file/value.js';
import type { BindOptions, Mount, Port, TmpfsOptions, VolumeOptions } from '../model/mounts-and-ports.js';
import { plainNetwork } from '../model/plain-network.js';
import type {
  BlkioConfig,
  CredentialSpec,
  Dependency,
  Develop,
  DeviceMapping,
  EnvFile,
  Healthcheck,
  Logging,
  Provider,
  ServiceModel,
  ServiceNetwork,
  ThrottleDevice,
  WatchTrigger,
} from '../model/service.js';
import { type Codec, field, object, optional, struct } from './codec.js';
import { labels, list, record, textOrTexts, texts } from './collections.js';
import {
  bytes,
  duration,
  flag,
  flagOrTrue,
  number,
  numberOrZero,
  requiredText,
  text,
  zeroed,
} from './scalars.js';
import { hook, oneOf, withoutExtensions } from './shared-elements.js';

export const port = object<Port>({
  name: field('name', text),
  mode: field('mode', text),
  hostIp: field('host_ip', text),
  target: field('target', zeroed(number)),
  published: field('published', text),
  protocol: field('protocol', requiredText),
  appProtocol: field('app_protocol', text),
});

const bindOptions = object<BindOptions>({
  selinux: field('selinux', text),
  propagation: field('propagation', text),
  createHostPath: field('create_host_path', flag),
  recursive: field('recursive', text),
});

const volumeOptions = object<VolumeOptions>({
  nocopy: field('nocopy', flag),
  subpath: field('subpath', text),
  labels: field('labels', labels),
});

const tmpfsOptions = object<TmpfsOptions>({ size: field('size', bytes), mode: field('mode', number) });

export const mount = object<Mount>({
  type: field('type', oneOf('bind', 'volume', 'tmpfs', 'npipe', 'cluster', 'image')),
  source: field('source', text),
  target: field('target', {
    ...requiredText,
    yaml: (value) => value || undefined,
    json: (value) => value || undefined,
  }),
  readOnly: field('read_only', flag),
  consistency: field('consistency', text),
  bind: field('bind', optional(bindOptions)),
  volume: field('volume', optional(volumeOptions)),
  tmpfs: field('tmpfs', optional(tmpfsOptions)),
  image: field('image', optional(object<NonNullable<Mount['image']>>({ subpath: field('subpath', text) }))),
});

const network = object<ServiceNetwork>({
  priority: field('priority', number),
  gwPriority: field('gw_priority', number),
  aliases: field('aliases', texts),
  interfaceName: field('interface_name', text),
  ipv4Address: field('ipv4_address', text),
  ipv6Address: field('ipv6_address', text),
  linkLocalIps: field('link_local_ips', texts),
  macAddress: field('mac_address', text),
  driverOpts: field('driver_opts', labels),
});

/** Null where nothing is said of it. */
export const serviceNetwork: Codec<ServiceNetwork> = {
  decode: (value, at) => (value === null || value === undefined ? plainNetwork : network.decode(value, at)),
  yaml: (value) => (value === plainNetwork ? null : network.yaml(value)),
  json: (value) => (value === plainNetwork ? null : network.json(value)),
};

export const dependency = object<Dependency>({
  condition: field(
    'condition',
    oneOf('service_started', 'service_healthy', 'service_completed_successfully'),
  ),
  restart: field('restart', flag),
  required: field('required', flagOrTrue),
});

export const healthcheck = object<Healthcheck>({
  test: field('test', {
    ...texts,
    decode: (value, at) => (typeof value === 'string' ? ['CMD-SHELL', value] : texts.decode(value, at)),
  }),
  timeoutNs: field('timeout', duration),
  intervalNs: field('interval', duration),
  retries: field('retries', numberOrZero),
  startPeriodNs: field('start_period', duration),
  startIntervalNs: field('start_interval', duration),
  disable: field('disable', flag),
});

export const logging = object<Logging>({ driver: field('driver', text), options: field('options', labels) });

export const deviceMapping = object<DeviceMapping>({
  source: field('source', requiredText),
  target: field('target', text),
  permissions: field('permissions', text),
});

const throttleDevices: Codec<readonly ThrottleDevice[]> = list(
  withoutExtensions(
    object<ThrottleDevice>({
      path: field('path', requiredText, 'Path'),
      rate: field('rate', zeroed(bytes), 'Rate'),
    }),
  ),
);

const weightDevices: Codec<BlkioConfig['weightDevice']> = list(
  withoutExtensions(
    object<BlkioConfig['weightDevice'][number]>({
      path: field('path', requiredText, 'Path'),
      weight: field('weight', zeroed(numberOrZero), 'Weight'),
    }),
  ),
);

export const blkioConfig = object<BlkioConfig>({
  weight: field('weight', number),
  weightDevice: field('weight_device', weightDevices),
  deviceReadBps: field('device_read_bps', throttleDevices),
  deviceReadIops: field('device_read_iops', throttleDevices),
  deviceWriteBps: field('device_write_bps', throttleDevices),
  deviceWriteIops: field('device_write_iops', throttleDevices),
});

export const credentialSpec = object<CredentialSpec>({
  config: field('config', text),
  file: field('file', text),
  registry: field('registry', text),
});

const envFileFields = withoutExtensions(
  object<EnvFile>({
    path: field('path', requiredText),
    required: field('required', flagOrTrue),
    format: field('format', text),
  }),
);

/** A path alone where it has to be there. */
export const envFile: Codec<EnvFile> = {
  decode: (value, at) => envFileFields.decode(typeof value === 'string' ? { path: value } : value, at),
  yaml: (value) => (value.required ? value.path : envFileFields.yaml({ path: value.path, required: false })),
  json: (value) => (value.required ? value.path : envFileFields.json(value)),
};

export const serviceModel = object<ServiceModel>({
  endpointVar: field('endpoint_var', text),
  modelVar: field('model_var', text),
});

export const provider = object<Provider>({
  type: field('type', text),
  options: field('options', record(providerOption())),
});

const trigger = object<WatchTrigger>({
  path: field('path', requiredText),
  action: field('action', oneOf('sync', 'rebuild', 'restart', 'sync+restart', 'sync+exec')),
  target: field('target', text),
  exec: field('exec', execHook()),
  include: field('include', textOrTexts),
  ignore: field('ignore', textOrTexts),
  initialSync: field('initial_sync', flag),
});

export const develop = object<Develop>({ watch: field('watch', list(trigger)) });

/** JSON shows even what nothing is said of. */
function execHook(): Codec<WatchTrigger['exec']> {
  const { yaml } = struct(hook);
  return {
    decode: (value, at) => optional(hook).decode(value, at),
    yaml: (value) => (value === undefined ? undefined : yaml(value)),
    json: (value) => (value === undefined ? new Map([['command', null]]) : hook.json(value)),
  };
}

function providerOption(): Codec<readonly string[]> {
  const asList = (value: Value | undefined) =>
    value === null || typeof value !== 'object' ? [valueText(value ?? null)] : value;
  return { ...texts, decode: (value, at) => texts.decode(asList(value), at) };
}
