import { types } from 'node:util';
import { EC2Client, type EC2ClientConfig } from '@aws-sdk/client-ec2';
import { systemClock } from '../../shared/clock.js';
import type { OperationContext, SecretReader } from '../driver.js';
import type { Ec2Place } from './instance.js';

// The only file that imports the SDK.
export {
  AuthorizeSecurityGroupIngressCommand,
  CancelSpotInstanceRequestsCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  DeleteKeyPairCommand,
  DeleteSecurityGroupCommand,
  DeleteTagsCommand,
  DeleteVolumeCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  DescribeKeyPairsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSpotInstanceRequestsCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  DescribeVpcsCommand,
  type Image,
  ImportKeyPairCommand,
  type Instance,
  type IpPermission,
  RebootInstancesCommand,
  type ResourceType,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  type SecurityGroup,
  StartInstancesCommand,
  StopInstancesCommand,
  type Subnet,
  type Tag,
  type TagSpecification,
  TerminateInstancesCommand,
  type VolumeType,
} from '@aws-sdk/client-ec2';

const connectMs = 5_000;
const answerMs = 30_000;

/** One account in one region; closed by disposal. */
export interface Ec2 extends Disposable {
  readonly region: string;
  /** Throws the SDK's errors, or the signal's reason. */
  readonly send: EC2Client['send'];
  /** Throws what the SDK's chain of credentials throws when it finds none. */
  checkCredentials(): Promise<void>;
}

/** `place.region` may be missing: then it is the profile's, or us-east-1. */
export async function connectEc2(
  place: Omit<Ec2Place, 'region'> & { readonly region?: string | undefined },
  { secrets, signal }: Pick<OperationContext, 'secrets' | 'signal'>,
): Promise<Ec2> {
  signal.throwIfAborted();
  const credentials = secrets && (await givenCredentials(secrets));
  const config: EC2ClientConfig = {
    ...(place.region !== undefined && { region: place.region }),
    ...(place.profile !== undefined && { profile: place.profile }),
    ...(place.endpoint !== undefined && { endpoint: place.endpoint }),
    ...(credentials && { credentials }),
    maxAttempts: place.retries + 1,
    retryMode: 'adaptive',
    requestHandler: { connectionTimeout: connectMs, requestTimeout: answerMs },
  };
  const region = place.region ?? (await new EC2Client(config).config.region().catch(() => 'us-east-1'));
  const client = new EC2Client({ ...config, region });
  const send = async (command: never) => {
    try {
      return await client.send(command, { abortSignal: signal });
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  };
  return {
    region,
    // The same function for every command, with the operation's signal added.
    send: send as unknown as EC2Client['send'],
    checkCredentials: async () => void (await client.config.credentials()),
    [Symbol.dispose]: () => client.destroy(),
  };
}

/** The provider's code ("InvalidGroup.NotFound") of an error of the SDK's. */
export function awsCode(error: unknown): string | undefined {
  return types.isNativeError(error) && '$metadata' in error ? error.name : undefined;
}

/** Answers undefined for these codes of the provider's. */
export async function unless<T>(codes: readonly string[], work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (codes.includes(awsCode(error) ?? '')) return undefined;
    throw error;
  }
}

/**
 * The provider's parts learn of each other with a delay: what was just made may be unknown to the next call, which is
 * tried again for a minute.
 */
export async function onceKnown<T>(
  codes: readonly string[],
  work: () => Promise<T>,
  options: { readonly signal: AbortSignal; readonly timeoutMs?: number },
): Promise<T> {
  const { signal, timeoutMs = 60_000 } = options;
  const deadline = Date.now() + timeoutMs;
  for (let pause = 100; ; pause = Math.min(pause * 2, 5_000)) {
    try {
      return await work();
    } catch (error) {
      if (!codes.includes(awsCode(error) ?? '') || Date.now() + pause > deadline) throw error;
      await systemClock.sleep(pause, signal);
    }
  }
}

async function givenCredentials(secrets: SecretReader): Promise<EC2ClientConfig['credentials'] | undefined> {
  const [accessKeyId, secretAccessKey, sessionToken] = await Promise.all(
    ['access-key', 'secret-key', 'session-token'].map((option) => secrets.get(option)),
  );
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
}
