import {
  networkExists,
  templateAndMore,
  templateMissing,
  templateOfTemplate,
  templateWithOperatorFields,
} from './errors.js';
import type { NetworkInfo, NetworkSpec } from './network.js';

/**
 * A network that is made from a template's configuration (Docker's ConfigFrom) gets all of it. Throws in moby's words
 * (libnetwork/network.go, validateConfiguration).
 */
export function withTemplate(spec: NetworkSpec, networks: readonly NetworkInfo[]): NetworkSpec {
  if (spec.driver === 'null' && (spec.internal || spec.attachable)) throw templateWithOperatorFields();
  if (spec.configFrom === undefined) return spec;
  if (networks.some(({ name }) => name === spec.name)) throw networkExists(spec.name);
  if (spec.driver === 'null') throw templateOfTemplate();
  if (hasConfiguration(spec)) throw templateAndMore('user specified configurations');
  if (Object.keys(spec.options).length > 0) throw templateAndMore('network driver options');
  const template = networks.find(({ name, id }) => name === spec.configFrom || id === spec.configFrom);
  if (template?.driver !== 'null') throw templateMissing(spec.configFrom);
  const { blocks, enableIpv4, enableIpv6, options, ipamOptions, labels, name } = template;
  return { ...spec, blocks, enableIpv4, enableIpv6, options, ipamOptions, labels, configFrom: name };
}

function hasConfiguration({ enableIpv4, enableIpv6, labels, ipamOptions, blocks }: NetworkSpec): boolean {
  const isFilled = (value: object) => Object.keys(value).length > 0;
  return !enableIpv4 || enableIpv6 || isFilled(labels) || isFilled(ipamOptions) || blocks.length > 0;
}
