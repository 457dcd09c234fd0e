import { createHash } from 'node:crypto';
import type { Encoded } from './codec/codec.js';
import { service as serviceCodec } from './codec/service-codec.js';
import { compactJson } from './codec/write-json.js';
import type { Service } from './model/service.js';

/**
 * What docker compose 2.26 writes to the label `com.docker.compose.config-hash`: the SHA-256 of the service as Go's
 * encoding/json has it, without what makes no difference for a container. A container is recreated when it changes.
 */
export function serviceHash(service: Service): string {
  return hash(withoutScale(service));
}

/** Whether the label says this service as any docker compose 2 writes it: later ones leave more out. */
export function isServiceHash(service: Service, label: string): boolean {
  const independent = { ...withoutScale(service), dependsOn: {}, profiles: [] };
  return [withoutScale(service), independent, withPathsMade(independent)].some(
    (each) => hash(each) === label,
  );
}

function withoutScale(service: Service): Service {
  const { deploy } = service;
  return {
    ...service,
    ...{ build: undefined, pullPolicy: undefined, scale: undefined },
    deploy: deploy && { ...deploy, replicas: undefined },
  };
}

/** `create_host_path: true` goes without saying since docker compose 2.37. */
function withPathsMade(service: Service): Service {
  const volumes = service.volumes.map((mount) =>
    mount.bind ? { ...mount, bind: { ...mount.bind, createHostPath: false } } : mount,
  );
  return { ...service, volumes };
}

function hash(service: Service): string {
  const encoded: Encoded = serviceCodec.json(service) ?? null;
  return createHash('sha256').update(compactJson(encoded)).digest('hex');
}
