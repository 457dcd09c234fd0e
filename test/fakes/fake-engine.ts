import type { EngineEndpoint, EngineProbe, EngineVersion } from '../../src/machine/engine/engine-client.js';
import { engineUnreachable } from '../../src/machine/engine/errors.js';

/** An agent that answers, unless it is told not to. */
export class FakeEngine implements EngineProbe {
  readonly endpoints: EngineEndpoint[] = [];
  answers = true;

  async ping(endpoint: EngineEndpoint): Promise<void> {
    await this.version(endpoint);
  }

  async version(endpoint: EngineEndpoint): Promise<EngineVersion> {
    this.endpoints.push(endpoint);
    if (!this.answers) throw engineUnreachable(`tcp://${endpoint.host}`, new Error('refused'));
    return { version: '1.2.3', apiVersion: '1.47' };
  }
}
