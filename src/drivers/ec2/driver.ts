import type { JsonObject } from '../../shared/json.js';
import { generateKeyPair } from '../../ssh/key-pair.js';
import type { SshEndpoint } from '../../ssh/transport.js';
import type {
  ChangedHost,
  CreateContext,
  Driver,
  HostChange,
  InstanceStatus,
  OperationContext,
  OwnedResource,
} from '../driver.js';
import { connectEc2, type Ec2 } from './client.js';
import { fromDockerMachine } from './docker-machine.js';
import { explaining } from './errors.js';
import type { Ec2Instance } from './instance.js';
import { awaitState, findInstance, statusOf } from './instance-state.js';
import { launch, tryLaunch } from './launch.js';
import { importKeyPair, makeLoginKey } from './login-key.js';
import type { Ec2Options } from './options.js';
import { findOwnedResources, removeResource } from './owned.js';
import { checkPlan, hostIdentity, launchPlan, type Plan, planMachine } from './plan.js';
import { addressed, powerOff, powerOn, reboot } from './power.js';
import { removeEverything } from './remove.js';
import { changeTags } from './retag.js';
import { ensureGroups } from './security-groups.js';
import { parseEc2Options, placeOf } from './spec.js';

/** How often the provider is asked while an instance changes its state. */
const defaultPollMs = 1_000;

/** Instances of EC2. Everything that is made for a machine carries its owner tag and is removed with it. */
export class Ec2Driver implements Driver<Ec2Options, Ec2Instance> {
  readonly #pollMs: number;

  constructor(pollMs: number = defaultPollMs) {
    this.#pollMs = pollMs;
  }

  async preCreateCheck(options: Ec2Options, context: OperationContext): Promise<void> {
    const spec = parseEc2Options(options);
    using ec2 = await connectEc2(spec.place, context);
    await explaining('checking', async () => {
      await ec2.checkCredentials();
      const plan = await planMachine(ec2, options, spec, context);
      await checkPlan(ec2, plan);
      await tryLaunch(ec2, launchPlan(plan, { groupIds: [], userData: '' }, checkLabels));
    });
  }

  async create(options: Ec2Options, context: CreateContext<Ec2Instance>): Promise<Ec2Instance> {
    const spec = parseEc2Options(options);
    using ec2 = await connectEc2(spec.place, context);
    const plan = await explaining('planning', () => planMachine(ec2, options, spec, context));
    const key = await makeLoginKey(options, context.machineName, context.directory);
    const host = await generateKeyPair(context.machineName);
    const planned: Ec2Instance = {
      place: { ...spec.place, region: ec2.region },
      ownerTag: context.ownerTag,
      use: spec.use,
      sshUser: spec.sshUser,
      sshPort: options['ssh-port'],
      identityFile: key.identityFile,
      hostKey: host.publicKey.split(' ').slice(0, 2).join(' '),
    };
    await context.checkpoint(planned);
    try {
      const identity = hostIdentity(context.machineName, key.publicKey, host);
      return await this.#make(ec2, plan, planned, { publicKey: key.publicKey, identity }, context);
    } catch (error) {
      // Ctrl-C does not wait for the provider: the record knows what there is.
      if (!context.signal.aborted) await this.remove(planned, context).catch(() => {});
      throw error;
    }
  }

  async #make(
    ec2: Ec2,
    plan: Plan,
    planned: Ec2Instance,
    keys: { readonly publicKey: string; readonly identity: ReturnType<typeof hostIdentity> },
    context: CreateContext<Ec2Instance>,
  ): Promise<Ec2Instance> {
    const labels = { machineName: context.machineName, ownerTag: context.ownerTag, tags: plan.spec.tags };
    if (plan.options['keypair-name'] === undefined) {
      await explaining('importing the key', () => importKeyPair(ec2, keys.publicKey, labels, context));
      await context.checkpoint(planned);
    }
    const groupIds = await explaining('preparing the security group', () =>
      ensureGroups(ec2, { ...plan.groups, labels }, context),
    );
    await context.checkpoint(planned);
    const userData = plan.userData(keys.identity);
    const launched = await explaining('launching the instance', () =>
      launch(ec2, launchPlan(plan, { groupIds, userData }, labels), context),
    );
    const spotRequestId = launched.SpotInstanceRequestId;
    const instance: Ec2Instance = {
      ...planned,
      ...(launched.InstanceId !== undefined && { instanceId: launched.InstanceId }),
      ...(spotRequestId !== undefined && { spotRequestId }),
    };
    await context.checkpoint(instance);
    const running = await explaining('waiting for the instance', () =>
      awaitState(ec2, instance, 'running', this.#patience(context)),
    );
    return addressed(instance, running);
  }

  async inspect(instance: Ec2Instance, context: OperationContext): Promise<InstanceStatus> {
    return this.#with(instance, context, 'asking for the instance', async (ec2) =>
      statusOf(await findInstance(ec2, instance), instance.use),
    );
  }

  async start(instance: Ec2Instance, context: OperationContext): Promise<Ec2Instance> {
    return this.#with(instance, context, 'starting the instance', (ec2) =>
      powerOn(ec2, instance, this.#patience(context)),
    );
  }

  async stop(instance: Ec2Instance, context: OperationContext): Promise<Ec2Instance> {
    return this.#with(instance, context, 'stopping the instance', (ec2) =>
      powerOff(ec2, instance, false, this.#patience(context)),
    );
  }

  async kill(instance: Ec2Instance, context: OperationContext): Promise<Ec2Instance> {
    return this.#with(instance, context, 'stopping the instance', (ec2) =>
      powerOff(ec2, instance, true, this.#patience(context)),
    );
  }

  async restart(instance: Ec2Instance, context: OperationContext): Promise<Ec2Instance> {
    return this.#with(instance, context, 'rebooting the instance', (ec2) =>
      reboot(ec2, instance, this.#patience(context), context),
    );
  }

  async remove(instance: Ec2Instance, context: OperationContext): Promise<void> {
    await this.#with(instance, context, 'removing the instance', (ec2) =>
      removeEverything(ec2, instance, context),
    );
  }

  async change(
    instance: Ec2Instance,
    change: HostChange,
    context: OperationContext,
  ): Promise<ChangedHost<Ec2Instance>> {
    await this.#with(instance, context, 'changing the tags', (ec2) => changeTags(ec2, instance, change));
    return { instance, needsRestart: [] };
  }

  async findOwned(
    options: Ec2Options,
    tagPrefix: string,
    context: OperationContext,
  ): Promise<readonly OwnedResource[]> {
    using ec2 = await connectEc2(placeOf(options), context);
    return await explaining('looking for what is left over', () => findOwnedResources(ec2, tagPrefix));
  }

  async removeOwned(options: Ec2Options, resource: OwnedResource, context: OperationContext): Promise<void> {
    using ec2 = await connectEc2(placeOf(options), context);
    await explaining(`removing ${resource.kind} "${resource.id}"`, () =>
      removeResource(ec2, resource, context),
    );
  }

  sshEndpoint({ address, sshPort, sshUser, identityFile }: Ec2Instance): SshEndpoint {
    const identityFiles = identityFile === undefined ? [] : [identityFile];
    return { host: address ?? '', port: sshPort, user: sshUser, identityFiles };
  }

  hostKey({ hostKey }: Ec2Instance): string | undefined {
    return hostKey;
  }

  fromDockerMachine(theirs: JsonObject, identityFile: string | undefined) {
    return fromDockerMachine(theirs, identityFile);
  }

  async #with<T>(
    instance: Ec2Instance,
    context: OperationContext,
    doing: string,
    work: (ec2: Ec2) => Promise<T>,
  ): Promise<T> {
    return await explaining(doing, async () => {
      using ec2 = await connectEc2(instance.place, context);
      return await work(ec2);
    });
  }

  #patience({ signal }: OperationContext) {
    return { signal, pollMs: this.#pollMs };
  }
}

/** Of a launch that is only tried. */
const checkLabels = { machineName: 'check', ownerTag: 'tsmachine-check', tags: {} };
