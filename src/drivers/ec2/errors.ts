import { types } from 'node:util';
import {
  type ErrorKind,
  errorMessage,
  isTsmachineError,
  systemErrorCode,
  TsmachineError,
} from '../../shared/errors.js';
import { awsCode } from './client.js';

/** `hint` is the next step. */
interface Explanation {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly hints: readonly string[];
}

const login = 'run "aws sso login" or "aws configure", set AWS_PROFILE, or give --ec2-profile';
const smaller = 'ask AWS for a higher limit, end instances that are not needed, or take a smaller type';

/** By the provider's code, or its beginning. */
const explanations: readonly (readonly [pattern: RegExp, Explanation])[] = [
  [
    /^UnauthorizedOperation$/,
    {
      kind: 'permission-denied',
      code: 'EC2_NOT_ALLOWED',
      hints: ['have the action allowed by an IAM policy: docs/drivers/ec2.md lists what is needed'],
    },
  ],
  [
    /^(AuthFailure|InvalidClientTokenId|SignatureDoesNotMatch|UnrecognizedClientException|InvalidAccessKeyId)$/,
    { kind: 'unauthenticated', code: 'EC2_CREDENTIALS_REFUSED', hints: ['check the access key', login] },
  ],
  [
    /^(ExpiredToken|ExpiredTokenException|RequestExpired)$/,
    { kind: 'unauthenticated', code: 'EC2_CREDENTIALS_EXPIRED', hints: ['get new credentials', login] },
  ],
  [
    /^(CredentialsProviderError|TokenProviderError)$/,
    { kind: 'unauthenticated', code: 'EC2_CREDENTIALS_MISSING', hints: [login] },
  ],
  [
    /^(VpcIdNotSpecified|DefaultVpcDoesNotExist|MissingInput)$/,
    {
      kind: 'invalid-argument',
      code: 'EC2_NO_DEFAULT_VPC',
      hints: ['give --ec2-vpc-id or --ec2-subnet-id', 'or run "aws ec2 create-default-vpc"'],
    },
  ],
  [
    /^(InsufficientInstanceCapacity|InsufficientCapacity|SpotMaxPriceTooLow)$/,
    {
      kind: 'unavailable',
      code: 'EC2_NO_CAPACITY',
      hints: ['take another --ec2-instance-type or --ec2-zone, or try again later'],
    },
  ],
  [
    /^(RequestLimitExceeded|Throttling|ThrottlingException)$/,
    {
      kind: 'unavailable',
      code: 'EC2_THROTTLED',
      hints: ['try again, with more --ec2-retries or a smaller --parallel'],
    },
  ],
  [
    /(LimitExceeded|VcpuLimitExceeded|MaxSpotInstanceCountExceeded)$/,
    { kind: 'unavailable', code: 'EC2_QUOTA', hints: [smaller] },
  ],
  [/^(TimeoutError|ECONN|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH)/, unreachable()],
  [/NotFound$/, { kind: 'not-found', code: 'EC2_NOT_FOUND', hints: ['check the name and the region'] }],
  [
    /^(Invalid|Missing|Unsupported|UnknownParameter|IncorrectInstanceState)/,
    { kind: 'invalid-argument', code: 'EC2_REFUSED', hints: [] },
  ],
];

/**
 * What the SDK threw, as an error that names the provider's code and says the next step; other errors as they are.
 * `doing` is a present participle: "launching the instance".
 */
export function explain(error: unknown, doing: string): unknown {
  if (isTsmachineError(error)) return error;
  const name = nameOf(error);
  const found = explanations.find(([pattern]) => pattern.test(name));
  if (!found && awsCode(error) === undefined) return error;
  const { kind, code, hints } = found?.[1] ?? { kind: 'internal', code: 'EC2_FAILED', hints: [] };
  // Messages end with an encoded policy decision of a thousand characters.
  const words = errorMessage(error).replace(/\s*Encoded authorization failure message:.*$/s, '');
  return new TsmachineError(kind, code, `${doing}: ${words.replace(/\.$/, '')} (${name})`, {
    hints,
    cause: error,
  });
}

/** Runs `work`, whose errors of the provider's are explained. */
export async function explaining<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explain(error, doing);
  }
}

export function notFound(
  flag: string,
  value: string,
  place: string,
  hint: string,
  cause?: unknown,
): TsmachineError {
  return new TsmachineError(
    'not-found',
    'EC2_NOT_FOUND',
    `--ec2-${flag} "${value}" does not exist in ${place}`,
    {
      hints: [hint],
      cause,
    },
  );
}

export function imageNotFound(os: string, architecture: string, region: string): TsmachineError {
  return new TsmachineError(
    'not-found',
    'EC2_IMAGE_NOT_FOUND',
    `no image of "${os}" for ${architecture} was found in ${region}`,
    { hints: ['give the image with --ec2-ami'] },
  );
}

export function noDefaultVpc(region: string): TsmachineError {
  return new TsmachineError('invalid-argument', 'EC2_NO_DEFAULT_VPC', `${region} has no default VPC`, {
    hints: ['give --ec2-vpc-id or --ec2-subnet-id', 'or run "aws ec2 create-default-vpc"'],
  });
}

export function noSubnet(vpc: string, zone: string | undefined): TsmachineError {
  const where = zone === undefined ? '' : ` in zone ${zone}`;
  return new TsmachineError('invalid-argument', 'EC2_NO_SUBNET', `"${vpc}" has no subnet${where}`, {
    hints: ['give --ec2-subnet-id, or another --ec2-zone'],
  });
}

export function callerAddressUnknown(url: string, reason: string, cause?: unknown): TsmachineError {
  return new TsmachineError(
    'unavailable',
    'EC2_CALLER_ADDRESS_UNKNOWN',
    `your public address, for which alone SSH and the engine are opened, is not known: "${url}" ${reason}`,
    { hints: ['say who may connect with --ec2-allow-cidr, such as 203.0.113.7/32'], cause },
  );
}

/** It was terminated, by a person or by the provider. */
export function instanceGone(id: string | undefined, reason: string | undefined): TsmachineError {
  const because = reason ? `: ${reason}` : '';
  return new TsmachineError('not-found', 'EC2_INSTANCE_GONE', `instance "${id ?? '?'}" is gone${because}`, {
    hints: ['remove the machine and create it again'],
  });
}

export function sizeIsType(instanceId: string | undefined): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'EC2_SIZE_IS_TYPE',
    `memory and processors of instance "${instanceId ?? '?'}" are those of its type`,
    { hints: ['create a machine with another --ec2-instance-type'] },
  );
}

function unreachable(): Explanation {
  return {
    kind: 'unavailable',
    code: 'EC2_UNREACHABLE',
    hints: ['check the network, --ec2-region and --ec2-endpoint'],
  };
}

/** The provider's code, or the system's of a connection that failed. */
function nameOf(error: unknown): string {
  const code = systemErrorCode(error);
  if (code?.startsWith('E')) return code;
  const name = types.isNativeError(error) ? error.name : '';
  if (name !== 'Error') return name;
  // Where the SDK wraps what was thrown, only the words are left.
  return /\b(E[A-Z]{4,}|TimeoutError)\b/.exec(errorMessage(error))?.[0] ?? name;
}
