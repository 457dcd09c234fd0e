import type { OciSeccomp } from './oci.js';
import { allowedCalls, allowedPersonalities, architectureCalls, capabilityCalls } from './seccomp-profile.js';

type Rule = OciSeccomp['syscalls'][number];

/** Docker's default profile for a container with these capabilities; `architecture` is one of process.arch. */
export function defaultSeccomp(capabilities: readonly string[], architecture: string): OciSeccomp {
  const byCapability = capabilities.flatMap((name) => capabilityCalls[name] ?? []);
  const names = new Set([...allowedCalls, ...(architectureCalls[architecture] ?? []), ...byCapability]);
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: 1,
    architectures: ARCHITECTURES[architecture] ?? [],
    syscalls: [
      allow([...names]),
      allow(['socket'], { index: 0, value: AF_VSOCK, op: 'SCMP_CMP_NE' }),
      ...allowedPersonalities.map((value) => allow(['personality'], { index: 0, value, op: 'SCMP_CMP_EQ' })),
      ...(capabilities.includes('CAP_SYS_ADMIN') ? [] : NO_NEW_NAMESPACES),
    ],
  };
}

const ARCHITECTURES: Readonly<Record<string, readonly string[]>> = {
  x64: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
  arm64: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
};

const AF_VSOCK = 40;
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const NAMESPACE_FLAGS = 0x7e020000;
const ENOSYS = 38;

/** clone3's flags lie in memory, where a filter cannot look; ENOSYS makes the C library fall back to clone. */
const NO_NEW_NAMESPACES: readonly Rule[] = [
  allow(['clone'], { index: 0, value: NAMESPACE_FLAGS, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }),
  { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
];

function allow(names: readonly string[], argument?: NonNullable<Rule['args']>[number]): Rule {
  return { names, action: 'SCMP_ACT_ALLOW', ...(argument && { args: [argument] }) };
}
