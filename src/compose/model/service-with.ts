import type { Service } from './service.js';

/** A service of which nothing is written but what `attributes` says. */
export function serviceWith(name: string, attributes: Partial<Service> = {}): Service {
  return { ...empty, name, ...attributes };
}

const none: readonly never[] = [];
const nothing: Readonly<Record<string, never>> = {};

const empty: Omit<Service, 'name'> = {
  ...{ command: null, entrypoint: null, environment: nothing, labels: nothing, annotations: nothing },
  ...{ profiles: none, capAdd: none, capDrop: none, configs: none, secrets: none, dependsOn: nothing },
  ...{ deviceCgroupRules: none, devices: none, gpus: none, dns: none, dnsOpt: none, dnsSearch: none },
  ...{ envFile: none, labelFile: none, expose: none, externalLinks: none, extraHosts: nothing, links: none },
  ...{
    groupAdd: none,
    models: nothing,
    networks: nothing,
    ports: none,
    securityOpt: none,
    storageOpt: nothing,
  },
  ...{ sysctls: nothing, tmpfs: none, ulimits: nothing, volumes: none, volumesFrom: none },
  ...{ postStart: none, preStop: none, extensions: nothing },
  ...{ oomKillDisable: false, privileged: false, readOnly: false, stdinOpen: false, tty: false },
  useApiSocket: false,
};
