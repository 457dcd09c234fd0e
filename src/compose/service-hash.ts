import { createHash } from 'node:crypto';
import type { Encoded } from './codec/codec.js';
import { service as serviceCodec } from './codec/service-codec.js';
import { compactJson } from './codec/write-json.js';
import type { Service } from './model/service.js';

/**
 * What docker compose v2 writes to the label `com.docker.compose.config-hash`: the SHA-256 of the service as Go's
 * encoding/json has it, without what makes no difference for a container. A container is recreated when it changes.
 */
export function serviceHash(service: Service): string {
  const { deploy } = service;
  const hashed: Service = {
    ...service,
    ...{ build: undefined, pullPolicy: undefined, scale: undefined, dependsOn: {}, profiles: [] },
    deploy: deploy && { ...deploy, replicas: undefined },
  };
  const encoded: Encoded = serviceCodec.json(hashed) ?? null;
  return createHash('sha256').update(compactJson(encoded)).digest('hex');
}
