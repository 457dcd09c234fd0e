import type { HostConfig } from '../../../api/container-config.js';
import { containerCapabilities } from '../../runtime/spec/capabilities.js';
import { allowedOomScore } from '../../runtime/spec/process.js';
import { buildResources } from '../../runtime/spec/resources.js';
import { clampRlimits } from '../../runtime/spec/rlimits.js';
import type { HostFacts } from '../../runtime/spec/run-spec.js';
import { resourcesOf, ulimitsOf } from './run-spec.js';
import { parseSecurity } from './security.js';

/** What was asked for and this host cannot give, told when the container is made; the start leaves it out. */
export function hostWarnings(hostConfig: HostConfig, host: HostFacts): readonly string[] {
  const warnings: string[] = [];
  const warn = (text: string) => void warnings.push(text);
  const { Privileged = false, CapAdd = [], CapDrop = [] } = hostConfig;
  containerCapabilities({ privileged: Privileged, capAdd: CapAdd ?? [], capDrop: CapDrop ?? [] }, host, warn);
  clampRlimits(ulimitsOf(hostConfig), host, warn);
  allowedOomScore(hostConfig.OomScoreAdj || undefined, host, warn);
  buildResources(resourcesOf(hostConfig), host, warn);
  const { apparmor } = parseSecurity(hostConfig);
  if (apparmor !== undefined && apparmor !== 'unconfined' && !host.appArmor) {
    warn(`The host has no AppArmor; the container runs without the profile ${apparmor}.`);
  }
  const { KernelMemory, KernelMemoryTCP } = hostConfig; // Linux has forgotten both
  if (KernelMemory) warn(noKernelMemory('kernel memory'));
  if (KernelMemoryTCP) warn(noKernelMemory('kernel memory TCP'));
  return warnings;
}

function noKernelMemory(what: string): string {
  return `Your kernel does not support ${what} limit capabilities or the cgroup is not mounted. Limitation discarded.`;
}
