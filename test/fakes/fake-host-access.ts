import type { HostAccess, HostSurvey } from '../../src/provision/host-access.js';
import type { SshConnection } from '../../src/ssh/transport.js';

/** A host that keeps who was let in; what a survey finds is the test's to say. */
export class FakeHostAccess implements HostAccess {
  readonly clients = new Map<string, string>();
  readonly keys = new Map<string, string>();
  found: HostSurvey = { operatingSystem: 'Debian', architecture: 'x86_64', hostname: 'theirs', root: true };
  /** Thrown by the step of that name. */
  readonly failures = new Map<string, () => unknown>();

  async dockerVersion() {
    this.#fail('dockerVersion');
    return { version: this.found.docker?.version ?? '', apiVersion: '1.47' };
  }

  async survey(): Promise<HostSurvey> {
    return this.found;
  }

  async admitClients(_: SshConnection, id: string, authority: string): Promise<void> {
    this.#fail('admitClients');
    this.clients.set(id, authority);
  }

  async dismissClients(_: SshConnection, id: string): Promise<void> {
    this.#fail('dismissClients');
    this.clients.delete(id);
  }

  async admitKey(_: SshConnection, id: string, publicKey: string): Promise<void> {
    this.#fail('admitKey');
    this.keys.set(id, publicKey);
  }

  async dismissKey(_: SshConnection, id: string): Promise<void> {
    this.keys.delete(id);
  }

  #fail(name: string): void {
    const failure = this.failures.get(name);
    if (failure) throw failure();
  }
}
