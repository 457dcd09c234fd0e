import type { JsonObject } from '../../shared/json.js';
import { defaultValues, listField, numberField, textField } from '../docker-machine-fields.js';
import { driverOptionInvalid } from '../errors.js';
import type { Ec2Instance } from './instance.js';
import { type Ec2Options, ec2Options } from './options.js';
import { placeOf } from './spec.js';

/**
 * An instance that docker-machine's amazonec2 made (drivers/amazonec2/amazonec2.go). Its keys are left where they are:
 * credentials are those of the SDK's chain. Security groups stay at the provider, as docker-machine leaves them.
 */
export function fromDockerMachine(theirs: JsonObject, identityFile: string | undefined) {
  const instanceId = textField(theirs['InstanceId']);
  if (instanceId === undefined)
    throw driverOptionInvalid('ec2-instance', '', 'is not known: the machine was never made');
  const options = optionsFrom(theirs);
  const address = textField(theirs['IPAddress']);
  const spotRequestId = textField(theirs['SpotInstanceRequestId']);
  const keyName = theirs['ExistingKey'] === true ? undefined : textField(theirs['KeyName']);
  const instance: Ec2Instance = {
    place: { ...placeOf(options), region: options.region ?? 'us-east-1' },
    ownerTag: `docker-machine-${instanceId}`, // on nothing; machines of ours have another prefix
    instanceId,
    ...(spotRequestId !== undefined && { spotRequestId }),
    use: options['use-private-address'] ? 'private' : 'public',
    ...(address !== undefined && { address }),
    sshUser: options['ssh-user'] ?? 'ubuntu',
    sshPort: options['ssh-port'],
    ...(identityFile !== undefined && { identityFile }),
    untagged: keyName === undefined ? {} : { keyName },
  };
  const note = "its keys are not copied: AWS's own chain of credentials is used";
  return { options, instance, ...((theirs['AccessKey'] || theirs['SecretKey']) && { note }) };
}

/** Where to look, and how another machine would be made. */
function optionsFrom(theirs: JsonObject): Ec2Options {
  const defaults = defaultValues(ec2Options) as Ec2Options; // none of them is required
  const isPrivate = theirs['PrivateIPOnly'] === true || theirs['UsePrivateIP'] === true;
  const groups = listField(theirs['SecurityGroupNames']);
  const retries = theirs['RetryCount'];
  return {
    ...defaults,
    region: textField(theirs['Region']) ?? 'us-east-1',
    endpoint: textField(theirs['Endpoint']),
    'insecure-transport': theirs['DisableSSL'] === true,
    retries: typeof retries === 'number' ? retries : defaults.retries,
    'instance-type': textField(theirs['InstanceType']) ?? defaults['instance-type'],
    'vpc-id': textField(theirs['VpcId']),
    'subnet-id': textField(theirs['SubnetId']),
    'security-group': groups,
    'ssh-user': textField(theirs['SSHUser']),
    'ssh-port': numberField(theirs['SSHPort']) ?? 22,
    'private-address-only': theirs['PrivateIPOnly'] === true,
    'use-private-address': isPrivate,
    'request-spot-instance': theirs['RequestSpotInstance'] === true,
  };
}
