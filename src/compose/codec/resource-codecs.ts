import type { Strings } from '../model/elements.js';
import type { FileObject, Ipam, IpamPool, Model, Network, Volume } from '../model/project.js';
import { type Codec, field, object, struct } from './codec.js';
import { labels, list, texts } from './collections.js';
import { choice, flag, number, requiredText, text } from './scalars.js';

/** Empty only when nothing was normalised. */
const name: Codec<string> = {
  ...requiredText,
  yaml: (value) => value || undefined,
  json: (value) => value || undefined,
};

/** Docker Compose forgets them. */
const unwritten: Codec<Strings> = { ...labels, yaml: () => undefined, json: () => undefined };

const ipam = object<Ipam>({
  driver: field('driver', text),
  config: field(
    'config',
    list(
      object<IpamPool>({
        subnet: field('subnet', text),
        gateway: field('gateway', text),
        ipRange: field('ip_range', text),
        auxAddresses: field('aux_addresses', labels),
      }),
    ),
  ),
  options: field('options', unwritten),
});

export const network: Codec<Network> = object<Network>({
  name: field('name', name),
  driver: field('driver', text),
  driverOpts: field('driver_opts', labels),
  ipam: field('ipam', struct(ipam)),
  external: field('external', flag),
  internal: field('internal', flag),
  attachable: field('attachable', flag),
  labels: field('labels', labels),
  enableIpv4: field('enable_ipv4', choice),
  enableIpv6: field('enable_ipv6', choice),
});

export const volume: Codec<Volume> = object<Volume>({
  name: field('name', name),
  driver: field('driver', text),
  driverOpts: field('driver_opts', labels),
  external: field('external', flag),
  labels: field('labels', labels),
});

export const fileObject: Codec<FileObject> = object<FileObject>({
  name: field('name', name),
  file: field('file', text),
  environment: field('environment', text),
  content: field('content', text),
  external: field('external', flag),
  labels: field('labels', labels),
  driver: field('driver', text),
  driverOpts: field('driver_opts', labels),
  templateDriver: field('template_driver', text),
});

export const model: Codec<Model> = object<Model>({
  name: field('name', text),
  model: field('model', text),
  contextSize: field('context_size', number),
  runtimeFlags: field('runtime_flags', texts),
});
