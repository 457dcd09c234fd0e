import { randomBytes } from 'node:crypto';
import { images, instanceTypes, subnets, vpcs } from './catalog.js';
import { listAt, parseForm, type Tree, textAt, textsAt, type Xml } from './query.js';
import { Refusal } from './refusal.js';
import type {
  Guests,
  Tags,
  TestGroup,
  TestInstance,
  TestKeyPair,
  TestSpotRequest,
  TestVolume,
} from './resources.js';

/** How the cloud behaves; tests change it while it runs. */
export interface Behaviour {
  /** How often an instance must be asked for until it has changed its state. */
  pendingPolls: number;
  /** How many calls do not know yet of an instance that was just launched. */
  hiddenPolls: number;
  /** Subnets without capacity. */
  full: Set<string>;
  /** No VPC is the default one. */
  noDefaultVpc: boolean;
}

type Form = Readonly<Record<string, Tree>>;
/** What of a launch was found right. */
type Launch = Pick<TestInstance, 'type' | 'imageId' | 'subnetId' | 'vpcId' | 'keyName' | 'groupIds'>;

/** The state of one region and the actions on it, each answering the content of its response. */
export class Cloud {
  readonly instances = new Map<string, TestInstance>();
  readonly groups = new Map<string, TestGroup>();
  readonly keyPairs = new Map<string, TestKeyPair>();
  readonly volumes = new Map<string, TestVolume>();
  readonly spotRequests = new Map<string, TestSpotRequest>();
  readonly behaviour: Behaviour = { pendingPolls: 1, hiddenPolls: 1, full: new Set(), noDefaultVpc: false };
  readonly #tokens = new Map<string, { readonly request: string; readonly id: string }>();
  readonly #region: string;
  readonly #guests: Guests | undefined;
  #addresses = 10;

  constructor(region: string, guests?: Guests) {
    this.#region = region;
    this.#guests = guests;
    this.groups.set('sg-0default', {
      id: 'sg-0default',
      name: 'default',
      vpcId: 'vpc-0default',
      tags: {},
      rules: new Set(),
    });
  }

  /** Everything that somebody has made, one line each. */
  everything(): readonly string[] {
    const live = [...this.instances.values()].filter(({ state }) => state !== 'terminated');
    const requests = [...this.spotRequests.values()].filter(({ state }) => state !== 'cancelled');
    return [
      ...live.map(({ id, state }) => `${id} ${state}`),
      ...[...this.groups.values()].map(({ id, name }) => `${id} ${name}`),
      ...[...this.keyPairs.values()].map(({ id, name }) => `${id} ${name}`),
      ...this.volumes.keys(),
      ...requests.map(({ id, state }) => `${id} ${state}`),
    ];
  }

  readonly actions: Readonly<Record<string, (form: Form, body: string) => Xml | Promise<Xml>>> = {
    DescribeVpcs: (form) => this.#describeVpcs(form),
    DescribeSubnets: (form) => this.#describeSubnets(form),
    DescribeInstanceTypes: (form) => this.#describeInstanceTypes(form),
    DescribeImages: (form) => this.#describeImages(form),
    ImportKeyPair: (form) => this.#importKeyPair(form),
    DescribeKeyPairs: (form) => this.#describeKeyPairs(form),
    DeleteKeyPair: (form) => this.#deleteKeyPair(form),
    CreateSecurityGroup: (form) => this.#createGroup(form),
    DescribeSecurityGroups: (form) => this.#describeGroups(form),
    AuthorizeSecurityGroupIngress: (form) => this.#authorize(form),
    DeleteSecurityGroup: (form) => this.#deleteGroup(form),
    RunInstances: (form, body) => this.#runInstances(form, body),
    DescribeInstances: (form) => this.#describeInstances(form),
    StartInstances: (form) => this.#changeState(form, 'start'),
    StopInstances: (form) => this.#changeState(form, 'stop'),
    RebootInstances: (form) => this.#reboot(form),
    TerminateInstances: (form) => this.#changeState(form, 'terminate'),
    DescribeVolumes: (form) => this.#describeVolumes(form),
    DeleteVolume: (form) => this.#deleteVolume(form),
    DescribeSpotInstanceRequests: (form) => this.#describeSpotRequests(form),
    CancelSpotInstanceRequests: (form) => this.#cancelSpotRequests(form),
    CreateTags: (form) => this.#tag(form, (tags, key, value) => Object.assign(tags, { [key]: value })),
    DeleteTags: (form) => this.#tag(form, (tags, key) => delete tags[key]),
  };

  #describeVpcs(form: Form): Xml {
    const ids = textsAt(form, 'VpcId');
    for (const id of ids) {
      if (!vpcs.some(({ vpcId }) => vpcId === id)) {
        throw new Refusal('InvalidVpcID.NotFound', `The vpc ID '${id}' does not exist`);
      }
    }
    const known = vpcs.map((vpc) => (this.behaviour.noDefaultVpc ? { ...vpc, isDefault: false } : vpc));
    const found = known
      .filter(({ vpcId }) => ids.length === 0 || ids.includes(vpcId))
      .filter((vpc) => matches(form, { 'is-default': String(vpc.isDefault), 'vpc-id': vpc.vpcId }));
    return {
      vpcSet: found.map(({ ipv6, ...vpc }) => ({
        ...vpc,
        ipv6CidrBlockAssociationSet: ipv6 === undefined ? [] : [{ ipv6CidrBlock: ipv6 }],
      })),
    };
  }

  #describeSubnets(form: Form): Xml {
    const ids = textsAt(form, 'SubnetId');
    for (const id of ids) subnetOf(id);
    const found = subnets
      .filter(({ subnetId }) => ids.length === 0 || ids.includes(subnetId))
      .map(({ zone, ...subnet }) => ({ ...subnet, availabilityZone: `${this.#region}${zone}` }))
      .filter((one) => matches(form, { 'vpc-id': one.vpcId, 'availability-zone': one.availabilityZone }));
    return { subnetSet: found };
  }

  #describeInstanceTypes(form: Form): Xml {
    const types = textsAt(form, 'InstanceType');
    return {
      instanceTypeSet: types.map((type) => ({
        instanceType: type,
        processorInfo: { supportedArchitectures: [architectureOf(type)] },
      })),
    };
  }

  #describeImages(form: Form): Xml {
    const ids = textsAt(form, 'ImageId');
    const owners = textsAt(form, 'Owner');
    for (const id of ids) imageOf(id);
    const found = images
      .filter(({ imageId }) => ids.length === 0 || ids.includes(imageId))
      .filter(({ ownerId }) => owners.length === 0 || owners.includes(ownerId))
      .filter(({ name, architecture }) =>
        matches(form, { name, architecture, 'root-device-type': 'ebs', state: 'available' }),
      );
    return { imagesSet: found.map(({ ownerId, ...image }) => ({ ...image, imageOwnerId: ownerId })) };
  }

  #importKeyPair(form: Form): Xml {
    const name = required(form, 'KeyName');
    const material = Buffer.from(required(form, 'PublicKeyMaterial'), 'base64').toString();
    if (this.#keyPair(name)) {
      throw new Refusal('InvalidKeyPair.Duplicate', `The keypair '${name}' already exists.`);
    }
    if (!/^ssh-(ed25519|rsa) /.test(material))
      throw new Refusal('InvalidKey.Format', 'Key is not in valid OpenSSH public key format');
    const id = newId('key');
    this.keyPairs.set(id, { id, name, material, tags: tagsFor(form, 'key-pair') });
    return { keyName: name, keyPairId: id };
  }

  #describeKeyPairs(form: Form): Xml {
    const names = textsAt(form, 'KeyName');
    for (const name of names) this.#keyPairOrRefuse(name);
    const found = [...this.keyPairs.values()]
      .filter(({ name }) => names.length === 0 || names.includes(name))
      .filter(({ tags }) => matches(form, {}, tags));
    return {
      keySet: found.map(({ id, name, tags }) => ({ keyPairId: id, keyName: name, tagSet: tagSet(tags) })),
    };
  }

  #deleteKeyPair(form: Form): Xml {
    const id = textAt(form, 'KeyPairId') ?? this.#keyPair(textAt(form, 'KeyName') ?? '')?.id ?? '';
    this.keyPairs.delete(id);
    return { return: true };
  }

  #createGroup(form: Form): Xml {
    const name = required(form, 'GroupName');
    const vpcId = required(form, 'VpcId');
    if (name.startsWith('sg-')) {
      throw new Refusal(
        'InvalidParameterValue',
        'Value (sg-) for parameter GroupName is invalid. Group names may not be in the format sg-*.',
      );
    }
    if ([...this.groups.values()].some((group) => group.name === name && group.vpcId === vpcId)) {
      throw new Refusal(
        'InvalidGroup.Duplicate',
        `The security group '${name}' already exists for VPC '${vpcId}'`,
      );
    }
    const id = newId('sg');
    this.groups.set(id, { id, name, vpcId, tags: tagsFor(form, 'security-group'), rules: new Set() });
    return { groupId: id, return: true };
  }

  #describeGroups(form: Form): Xml {
    const found = [...this.groups.values()].filter((group) =>
      matches(form, { 'vpc-id': group.vpcId, 'group-name': group.name, 'group-id': group.id }, group.tags),
    );
    return {
      securityGroupInfo: found.map(({ id, name, vpcId, tags, rules }) => ({
        groupId: id,
        groupName: name,
        vpcId,
        tagSet: tagSet(tags),
        ipPermissions: [...rules].map(permissionXml),
      })),
    };
  }

  #authorize(form: Form): Xml {
    const group = this.#groupOrRefuse(required(form, 'GroupId'));
    const rules = listAt(form, 'IpPermissions').flatMap(rulesOf);
    if (rules.length === 0)
      throw new Refusal('MissingParameter', 'Either ipPermissions or the old-style parameters are required');
    for (const rule of rules) {
      if (group.rules.has(rule)) {
        throw new Refusal('InvalidPermission.Duplicate', `the specified rule "${rule}" already exists`);
      }
    }
    for (const rule of rules) group.rules.add(rule);
    return { return: true };
  }

  #deleteGroup(form: Form): Xml {
    const { id } = this.#groupOrRefuse(required(form, 'GroupId'));
    const users = [...this.instances.values()].filter(
      ({ state, groupIds }) => state !== 'terminated' && groupIds.includes(id),
    );
    // Time passes for instances that nobody asks for, too.
    for (const user of users) this.#poll(user);
    if (users.length > 0) throw new Refusal('DependencyViolation', `resource ${id} has a dependent object`);
    this.groups.delete(id);
    return { return: true };
  }

  #runInstances(form: Form, body: string): Xml {
    const launch = this.#checkLaunch(form);
    if (textAt(form, 'DryRun') === 'true') {
      throw new Refusal('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
    }
    const token = textAt(form, 'ClientToken');
    const before = token === undefined ? undefined : this.#tokens.get(token);
    if (before && before.request !== body) {
      throw new Refusal(
        'IdempotentParameterMismatch',
        'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).',
      );
    }
    if (before) return this.#runAnswer(before.id);
    if (this.behaviour.full.has(launch.subnetId)) {
      throw new Refusal(
        'InsufficientInstanceCapacity',
        `We currently do not have sufficient ${launch.type} capacity in the Availability Zone you requested.`,
        500,
      );
    }
    const id = this.#launch(launch, form, body, undefined);
    if (token !== undefined) this.#tokens.set(token, { request: body, id });
    return this.#runAnswer(id);
  }

  #checkLaunch(form: Form): Launch {
    const type = required(form, 'InstanceType');
    const image = imageOf(required(form, 'ImageId'));
    if (architectureOf(type) !== image.architecture) {
      throw new Refusal(
        'InvalidParameterValue',
        `The architecture '${architectureOf(type)}' of the specified instance type does not match the architecture '${image.architecture}' of the specified AMI.`,
      );
    }
    const subnetId = textAt(form, 'NetworkInterface', '1', 'SubnetId') ?? textAt(form, 'SubnetId');
    if (subnetId === undefined)
      throw new Refusal('MissingInput', 'No subnets found for the default VPC. Please specify a subnet.');
    const { vpcId } = subnetOf(subnetId);
    const given = textsAt(form, 'NetworkInterface', '1', 'SecurityGroupId');
    for (const id of given) {
      if (this.#groupOrRefuse(id).vpcId !== vpcId) {
        throw new Refusal(
          'InvalidParameter',
          `Security group ${id} and subnet ${subnetId} belong to different networks.`,
        );
      }
    }
    const keyName = textAt(form, 'KeyName');
    if (keyName !== undefined) this.#keyPairOrRefuse(keyName);
    const size = Number(textAt(form, 'BlockDeviceMapping', '1', 'Ebs', 'VolumeSize') ?? 8);
    if (size < 8)
      throw new Refusal(
        'InvalidBlockDeviceMapping',
        `Volume of size ${size}GB is smaller than snapshot 'snap-0', expect size >= 8GB`,
      );
    return {
      type,
      imageId: image.imageId,
      subnetId,
      vpcId,
      keyName,
      groupIds: given.length > 0 ? given : ['sg-0default'],
    };
  }

  #launch(launch: Launch, form: Form, body: string, request: TestSpotRequest | undefined): string {
    const id = newId('i');
    const volumeId = newId('vol');
    const userData = Buffer.from(textAt(form, 'UserData') ?? '', 'base64').toString();
    const spot = request ?? this.#requestSpot(form, body, id);
    if (request) request.instanceId = id;
    const instance: TestInstance = {
      ...launch,
      id,
      volumeId,
      userData,
      request: body,
      spotRequestId: spot?.id,
      wantsPublic: textAt(form, 'NetworkInterface', '1', 'AssociatePublicIpAddress') !== 'false',
      ipv6: textAt(form, 'NetworkInterface', '1', 'Ipv6AddressCount') !== undefined,
      tags: tagsFor(form, 'instance'),
      state: 'pending',
      publicAddress: undefined,
      privateAddress: '',
      change: undefined,
      hidden: this.behaviour.hiddenPolls,
    };
    this.instances.set(id, instance);
    this.volumes.set(volumeId, { id: volumeId, tags: tagsFor(form, 'volume'), instanceId: id });
    this.#begin(
      instance,
      'running',
      this.#guests?.boot(id, userData).then((address) => this.#address(instance, address)),
    );
    if (!this.#guests) this.#address(instance);
    return id;
  }

  #requestSpot(form: Form, body: string, instanceId: string): TestSpotRequest | undefined {
    if (textAt(form, 'InstanceMarketOptions', 'MarketType') !== 'spot') return undefined;
    const options = ['InstanceMarketOptions', 'SpotOptions'] as const;
    const persistent = textAt(form, ...options, 'SpotInstanceType') === 'persistent';
    if (!persistent && textAt(form, ...options, 'InstanceInterruptionBehavior') === 'stop') {
      throw new Refusal('InvalidParameterCombination', 'Stop is not supported for one-time spot instances');
    }
    const request: TestSpotRequest = {
      id: newId('sir'),
      persistent,
      maxPrice: textAt(form, ...options, 'MaxPrice'),
      tags: tagsFor(form, 'spot-instances-request'),
      request: body,
      instanceId,
      state: 'active',
    };
    this.spotRequests.set(request.id, request);
    return request;
  }

  #runAnswer(id: string): Xml {
    const instance = this.instances.get(id);
    return { reservationId: newId('r'), instancesSet: instance ? [instanceXml(instance)] : [] };
  }

  #describeInstances(form: Form): Xml {
    const ids = textsAt(form, 'InstanceId');
    const asked = ids.length > 0 ? ids.map((id) => this.#instanceOrRefuse(id)) : [...this.instances.values()];
    for (const instance of asked) this.#poll(instance);
    const found = asked.filter(
      (instance) =>
        instance.hidden === 0 &&
        matches(
          form,
          { 'instance.group-id': instance.groupIds, 'instance-state-name': instance.state },
          instance.tags,
        ),
    );
    return {
      reservationSet: found.map((instance) => ({
        reservationId: newId('r'),
        instancesSet: [instanceXml(instance)],
      })),
    };
  }

  #changeState(form: Form, verb: 'start' | 'stop' | 'terminate'): Xml {
    const instances = textsAt(form, 'InstanceId').map((id) => this.#instanceOrRefuse(id));
    for (const instance of instances) {
      if (verb === 'start') this.#start(instance);
      else if (verb === 'stop') this.#stop(instance, textAt(form, 'Force') === 'true');
      else this.#terminate(instance);
    }
    return {
      instancesSet: instances.map(({ id, state }) => ({
        instanceId: id,
        currentState: { code: 0, name: state },
      })),
    };
  }

  #start(instance: TestInstance): void {
    if (instance.state === 'running' || instance.state === 'pending') return;
    expectState(instance, ['stopped']);
    instance.state = 'pending';
    this.#setSpotState(instance, 'active');
    this.#begin(
      instance,
      'running',
      this.#guests?.start(instance.id).then((address) => this.#address(instance, address)),
    );
    if (!this.#guests) this.#address(instance);
  }

  #stop(instance: TestInstance, force: boolean): void {
    if (instance.state === 'stopped') return;
    expectState(instance, ['running', 'stopping']);
    const spot = this.spotRequests.get(instance.spotRequestId ?? '');
    if (spot && !spot.persistent) {
      throw new Refusal(
        'UnsupportedOperation',
        `You can't stop the Spot Instance '${instance.id}' because it is associated with a one-time Spot Instance request.`,
      );
    }
    instance.state = 'stopping';
    instance.publicAddress = undefined;
    this.#setSpotState(instance, 'disabled');
    this.#begin(instance, 'stopped', this.#guests?.stop(instance.id, force));
  }

  #terminate(instance: TestInstance): void {
    if (instance.state === 'terminated' || instance.state === 'shutting-down') return;
    instance.state = 'shutting-down';
    instance.publicAddress = undefined;
    this.#begin(instance, 'terminated', this.#guests?.remove(instance.id));
    const spot = this.spotRequests.get(instance.spotRequestId ?? '');
    if (spot?.persistent && (spot.state === 'active' || spot.state === 'disabled')) {
      // What is forgotten to be cancelled makes another instance.
      const form = parseForm(spot.request);
      this.#launch(this.#checkLaunch(form), form, spot.request, spot);
    }
  }

  async #reboot(form: Form): Promise<Xml> {
    for (const id of textsAt(form, 'InstanceId')) {
      const instance = this.#instanceOrRefuse(id);
      expectState(instance, ['running']);
      void this.#guests?.reboot(instance.id);
    }
    return { return: true };
  }

  #describeVolumes(form: Form): Xml {
    const found = [...this.volumes.values()]
      .map((volume) => ({ ...volume, status: volume.instanceId === undefined ? 'available' : 'in-use' }))
      .filter(({ tags, status }) => matches(form, { status }, tags));
    return {
      volumeSet: found.map(({ id, status, tags }) => ({ volumeId: id, status, tagSet: tagSet(tags) })),
    };
  }

  #deleteVolume(form: Form): Xml {
    const id = required(form, 'VolumeId');
    if (!this.volumes.delete(id))
      throw new Refusal('InvalidVolume.NotFound', `The volume '${id}' does not exist.`);
    return { return: true };
  }

  #describeSpotRequests(form: Form): Xml {
    const found = [...this.spotRequests.values()].filter(({ tags }) => matches(form, {}, tags));
    return {
      spotInstanceRequestSet: found.map(({ id, state, instanceId, tags }) => ({
        spotInstanceRequestId: id,
        state,
        instanceId,
        tagSet: tagSet(tags),
      })),
    };
  }

  #cancelSpotRequests(form: Form): Xml {
    const ids = textsAt(form, 'SpotInstanceRequestId');
    for (const id of ids) {
      const request = this.spotRequests.get(id);
      if (!request) {
        throw new Refusal(
          'InvalidSpotInstanceRequestID.NotFound',
          `The spot instance request ID '${id}' does not exist`,
        );
      }
      request.state = 'cancelled';
    }
    return { spotInstanceRequestSet: ids.map((id) => ({ spotInstanceRequestId: id, state: 'cancelled' })) };
  }

  #tag(form: Form, change: (tags: Tags, key: string, value: string) => unknown): Xml {
    for (const id of textsAt(form, 'ResourceId')) {
      const tags = (this.instances.get(id) ?? this.volumes.get(id))?.tags;
      if (!tags) throw new Refusal('InvalidID', `The ID '${id}' is not valid`);
      for (const tag of listAt(form, 'Tag'))
        change(tags, textAt(tag, 'Key') ?? '', textAt(tag, 'Value') ?? '');
    }
    return { return: true };
  }

  #begin(instance: TestInstance, to: string, work: Promise<unknown> | undefined): void {
    const change = {
      to,
      polls: this.behaviour.pendingPolls,
      work: work ?? Promise.resolve(),
      done: work === undefined,
    };
    instance.change = change;
    change.work.then(
      () => Object.assign(change, { done: true }),
      (error: unknown) => {
        // One that is ended while it boots does not come to run.
        if (instance.change === change)
          console.error(`instance ${instance.id} does not become ${to}:`, error);
      },
    );
  }

  /** Asking for an instance is what makes time pass. */
  #poll(instance: TestInstance): void {
    if (instance.hidden > 0) instance.hidden -= 1;
    const { change } = instance;
    if (!change) return;
    if (change.polls > 0) change.polls -= 1;
    else if (change.done) {
      instance.state = change.to;
      instance.change = undefined;
      if (change.to === 'terminated') this.volumes.delete(instance.volumeId);
    }
  }

  #address(instance: TestInstance, given?: string): void {
    this.#addresses += 1;
    if (instance.privateAddress === '') instance.privateAddress = given ?? `172.31.0.${this.#addresses}`;
    instance.publicAddress = instance.wantsPublic ? (given ?? `127.0.113.${this.#addresses}`) : undefined;
  }

  #setSpotState(instance: TestInstance, state: 'active' | 'disabled'): void {
    const request = this.spotRequests.get(instance.spotRequestId ?? '');
    if (request && request.state !== 'cancelled') request.state = state;
  }

  #keyPair(name: string): TestKeyPair | undefined {
    return [...this.keyPairs.values()].find((key) => key.name === name);
  }

  #keyPairOrRefuse(name: string): TestKeyPair {
    const found = this.#keyPair(name);
    if (found) return found;
    throw new Refusal('InvalidKeyPair.NotFound', `The key pair '${name}' does not exist`);
  }

  #groupOrRefuse(id: string): TestGroup {
    const found = this.groups.get(id);
    if (found) return found;
    if (!/^sg-[0-9a-z]+$/.test(id))
      throw new Refusal('InvalidGroupId.Malformed', `Invalid id: "${id}" (expecting "sg-...")`);
    throw new Refusal('InvalidGroup.NotFound', `The security group '${id}' does not exist`);
  }

  #instanceOrRefuse(id: string): TestInstance {
    const found = this.instances.get(id);
    if (!/^i-[0-9a-f]+$/.test(id)) throw new Refusal('InvalidInstanceID.Malformed', `Invalid id: "${id}"`);
    if (found && found.hidden === 0) return found;
    if (found) found.hidden -= 1;
    throw new Refusal('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`);
  }
}

/** Filters by values, where "*" stands for anything, and by tags. An unknown filter is refused. */
function matches(
  form: Form,
  fields: Readonly<Record<string, string | readonly string[]>>,
  tags: Tags = {},
): boolean {
  return listAt(form, 'Filter').every((filter) => {
    const name = textAt(filter, 'Name') ?? '';
    const field = name.startsWith('tag:') ? (tags[name.slice(4)] ?? []) : fields[name];
    if (field === undefined) throw new Refusal('InvalidParameterValue', `The filter '${name}' is invalid`);
    const values = textsAt(filter, 'Value').map(wildcard);
    return [field].flat().some((one) => values.some((value) => value.test(one)));
  });
}

function wildcard(value: string): RegExp {
  const signs = value
    .replace(/[.+^${}()|[\]]/g, '\\$&')
    .replace(/(?<!\\)\*/g, '.*')
    .replace(/(?<!\\)\?/g, '.');
  return new RegExp(`^${signs}$`);
}

function rulesOf(permission: Tree): readonly string[] {
  const from = textAt(permission, 'FromPort');
  const begin = `${textAt(permission, 'IpProtocol')} ${from}-${textAt(permission, 'ToPort')}`;
  const v4 = listAt(permission, 'IpRanges').map((range) => textAt(range, 'CidrIp'));
  const v6 = listAt(permission, 'Ipv6Ranges').map((range) => textAt(range, 'CidrIpv6'));
  for (const cidr of v4) {
    if (!/^\d+\.\d+\.\d+\.\d+\/\d+$/.test(cidr ?? ''))
      throw new Refusal('InvalidParameterValue', `CIDR block ${cidr} is malformed`);
  }
  return [...v4, ...v6].map((cidr) => `${begin} ${cidr}`);
}

function permissionXml(rule: string): Xml {
  const [ipProtocol = '', ports = '', cidr = ''] = rule.split(' ');
  const [fromPort = '', toPort = ''] = ports.split('-');
  const ranges = cidr.includes(':') ? { ipv6Ranges: [{ cidrIpv6: cidr }] } : { ipRanges: [{ cidrIp: cidr }] };
  return { ipProtocol, fromPort, toPort, ...ranges };
}

function instanceXml(instance: TestInstance): Xml {
  return {
    instanceId: instance.id,
    imageId: instance.imageId,
    instanceType: instance.type,
    instanceState: { code: 0, name: instance.state },
    privateIpAddress: instance.privateAddress || undefined,
    ipAddress: instance.state === 'running' ? instance.publicAddress : undefined,
    subnetId: instance.subnetId,
    vpcId: instance.vpcId,
    keyName: instance.keyName,
    spotInstanceRequestId: instance.spotRequestId,
    groupSet: instance.groupIds.map((groupId) => ({ groupId })),
    blockDeviceMapping: [{ deviceName: '/dev/sda1', ebs: { volumeId: instance.volumeId } }],
    networkInterfaceSet: [
      { ipv6AddressesSet: instance.ipv6 ? [{ ipv6Address: `2001:db8:1::${instance.id.slice(-4)}` }] : [] },
    ],
    tagSet: tagSet(instance.tags),
    ...(instance.state === 'terminated' && {
      stateReason: {
        code: 'Client.UserInitiatedShutdown',
        message: 'Client.UserInitiatedShutdown: User initiated shutdown',
      },
    }),
  };
}

function tagsFor(form: Form, kind: string): Tags {
  const found = listAt(form, 'TagSpecification').find((one) => textAt(one, 'ResourceType') === kind);
  const tags = listAt(found, 'Tag').map(
    (tag) => [textAt(tag, 'Key') ?? '', textAt(tag, 'Value') ?? ''] as const,
  );
  return Object.fromEntries(tags);
}

function tagSet(tags: Tags): Xml {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}

function required(form: Form, name: string): string {
  const value = textAt(form, name);
  if (value !== undefined) return value;
  throw new Refusal('MissingParameter', `The request must contain the parameter ${name}`);
}

function imageOf(id: string) {
  if (!id.startsWith('ami-'))
    throw new Refusal('InvalidAMIID.Malformed', `Invalid id: "${id}" (expecting "ami-...")`);
  const found = images.find(({ imageId }) => imageId === id);
  if (found) return found;
  throw new Refusal('InvalidAMIID.NotFound', `The image id '[${id}]' does not exist`);
}

function subnetOf(id: string) {
  const found = subnets.find(({ subnetId }) => subnetId === id);
  if (found) return found;
  throw new Refusal('InvalidSubnetID.NotFound', `The subnet ID '${id}' does not exist`);
}

function architectureOf(type: string): string {
  const found = instanceTypes[type];
  if (found !== undefined) return found;
  throw new Refusal('InvalidInstanceType', `The following supplied instance types do not exist: [${type}]`);
}

function expectState(instance: TestInstance, states: readonly string[]): void {
  if (states.includes(instance.state)) return;
  throw new Refusal(
    'IncorrectInstanceState',
    `The instance '${instance.id}' is not in a state from which it can be changed: ${instance.state}`,
  );
}

function newId(kind: string): string {
  return `${kind}-0${randomBytes(8).toString('hex')}`;
}
