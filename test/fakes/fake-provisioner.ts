import type {
  ProvisionContext,
  Provisioner,
  ProvisionResult,
  ProvisionTarget,
} from '../../src/provision/provisioner.js';
import type { SshConnection } from '../../src/ssh/transport.js';

/** Remembers its targets; can fail or do something in between. */
export class FakeProvisioner implements Provisioner {
  readonly targets: ProvisionTarget[] = [];
  during: (context: ProvisionContext) => Promise<void> = async () => {};

  async provision(
    _connection: SshConnection,
    target: ProvisionTarget,
    context: ProvisionContext,
  ): Promise<ProvisionResult> {
    this.targets.push(target);
    await this.during(context);
    context.signal.throwIfAborted();
    return { operatingSystem: 'Debian', architecture: 'x64', applied: ['Installing packages'] };
  }
}
