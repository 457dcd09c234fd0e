import type { SshKeyPair } from '../../ssh/key-pair.js';
import type { OperationContext } from '../driver.js';
import { callerNetwork } from './caller-address.js';
import type { Ec2 } from './client.js';
import { type ChosenImage, chooseImage } from './image.js';
import type { LaunchPlan } from './launch.js';
import { checkLoginKey } from './login-key.js';
import { choosePlacement, type Placement } from './network.js';
import type { Ec2Options } from './options.js';
import { checkGroups, type GroupPlan, ingressRules } from './security-groups.js';
import type { Ec2Spec } from './spec.js';
import type { Labels } from './tags.js';
import { type HostIdentity, readUserData, userData } from './user-data.js';

/** The agent's port; create has no flag for another one. */
const enginePort = 2376;

/** What will be made, with every default looked up. */
export interface Plan {
  readonly options: Ec2Options;
  readonly spec: Ec2Spec;
  readonly image: ChosenImage;
  readonly placement: Placement;
  readonly groups: Omit<GroupPlan, 'labels'>;
  /** Throws DRIVER_OPTION_INVALID when it is too large. */
  userData(identity: HostIdentity): string;
}

/** Changes nothing. Throws what says that one of the values does not exist. */
export async function planMachine(
  ec2: Ec2,
  options: Ec2Options,
  spec: Ec2Spec,
  context: OperationContext,
): Promise<Plan> {
  const file = options.userdata;
  const given = file === undefined ? undefined : await readUserData(file);
  const [image, placement] = await Promise.all([
    chooseImage(ec2, options, spec.os),
    choosePlacement(ec2, options),
  ]);
  const readOnly = options['security-group-readonly'];
  const allowed = readOnly ? [] : await allowedNetworks(options, spec, placement, context);
  return {
    options,
    spec,
    image,
    placement,
    groups: {
      vpcId: placement.vpcId,
      named: options['security-group'],
      readOnly,
      ingress: ingressRules([options['ssh-port'], enginePort], allowed, spec.openPorts, options.ipv6),
    },
    userData: (identity) => userData(identity, given, file),
  };
}

/** Whatever is left to be found wrong before anything is made. */
export async function checkPlan(ec2: Ec2, plan: Plan): Promise<void> {
  plan.userData({ hostname: 'x', authorizedKey: 'x', hostPrivateKey: 'x'.repeat(400), hostPublicKey: 'x' });
  await checkLoginKey(ec2, plan.options);
  await checkGroups(ec2, plan.groups);
}

export function launchPlan(
  { options, spec, image, placement }: Plan,
  made: Pick<LaunchPlan, 'groupIds' | 'userData'>,
  labels: Labels,
): LaunchPlan {
  const keyName = options['keypair-name'] ?? (made.groupIds.length > 0 ? labels.ownerTag : '');
  return { options, spec, image, labels, subnetIds: placement.subnetIds, keyName, ...made };
}

export function hostIdentity(machineName: string, authorizedKey: string, host: SshKeyPair): HostIdentity {
  const hostname = machineName.toLowerCase().replace(/[^a-z0-9.-]+/g, '-');
  return { hostname, authorizedKey, hostPrivateKey: host.privateKey, hostPublicKey: host.publicKey };
}

/** Who uses the private address is in the VPC, or in a network that only the user knows. */
async function allowedNetworks(
  options: Ec2Options,
  spec: Ec2Spec,
  { vpcCidrs }: Placement,
  { signal }: OperationContext,
): Promise<readonly string[]> {
  if (spec.allowed.length > 0) return spec.allowed;
  if (spec.use === 'private') return vpcCidrs;
  return [await callerNetwork(options['caller-address-url'], signal)];
}
