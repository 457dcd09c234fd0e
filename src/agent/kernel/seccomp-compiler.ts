import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { declare } from './libc.js';
import { cString } from './system-error.js';

export interface SeccompFilter {
  /** "SCMP_ACT_ERRNO" or "SCMP_ACT_ALLOW", as in the OCI specification. */
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  /** "SCMP_ARCH_X86_64"; the first must be this machine's. */
  readonly architectures?: readonly string[];
  readonly syscalls: readonly SeccompRule[];
}

export interface SeccompRule {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args?: readonly SeccompArgument[];
}

export interface SeccompArgument {
  readonly index: number;
  readonly value: number;
  readonly valueTwo?: number;
  readonly op: string;
}

/**
 * The BPF program of a filter, made by libseccomp (which crun and runc need anyway) as a binary tree, which the
 * kernel walks faster than the runtimes' list. `scratch` is the path of a file it may use. Throws when the library
 * is missing or refuses the filter. Takes about 15 ms.
 */
export function compileSeccomp(filter: SeccompFilter, scratch: string): Buffer {
  const context = library.init(actionOf(filter.defaultAction, filter.defaultErrnoRet));
  try {
    library.setAttribute(context, ATTRIBUTE_OPTIMIZE, BINARY_TREE); // 2.5 and later; without it a list
    for (const name of filter.architectures ?? []) addArchitecture(context, name);
    for (const rule of filter.syscalls) addRule(context, rule);
    return exported(context, scratch);
  } finally {
    library.release(context);
  }
}

const LIBRARY = 'libseccomp.so.2';
const library = {
  init: declare('intptr_t seccomp_init(uint32_t action)', LIBRARY),
  release: declare('void seccomp_release(intptr_t context)', LIBRARY),
  setAttribute: declare('int seccomp_attr_set(intptr_t context, int attribute, uint32_t value)', LIBRARY),
  resolveArchitecture: declare('uint32_t seccomp_arch_resolve_name(void *name)', LIBRARY),
  addArchitecture: declare('int seccomp_arch_add(intptr_t context, uint32_t architecture)', LIBRARY),
  resolveCall: declare('int seccomp_syscall_resolve_name(void *name)', LIBRARY),
  addRule: declare(
    'int seccomp_rule_add_array(intptr_t context, uint32_t action, int call, unsigned int count, void *arguments)',
    LIBRARY,
  ),
  exportProgram: declare('int seccomp_export_bpf(intptr_t context, int fd)', LIBRARY),
};

const ATTRIBUTE_OPTIMIZE = 8;
const BINARY_TREE = 2;
const EPERM = 1;
const EEXIST = 17;
const UNKNOWN_CALL = -1;
/** enum scmp_compare. */
const OPERATORS: Readonly<Record<string, number>> = {
  SCMP_CMP_NE: 1,
  SCMP_CMP_LT: 2,
  SCMP_CMP_LE: 3,
  SCMP_CMP_EQ: 4,
  SCMP_CMP_GE: 5,
  SCMP_CMP_GT: 6,
  SCMP_CMP_MASKED_EQ: 7,
};

function actionOf(name: string, errno = EPERM): number {
  if (name === 'SCMP_ACT_ALLOW') return 0x7fff0000;
  if (name === 'SCMP_ACT_ERRNO') return 0x00050000 | errno;
  throw new TypeError(`seccomp action "${name}" is not supported`);
}

function addArchitecture(context: number, name: string): void {
  const token = library.resolveArchitecture(cString(name.replace('SCMP_ARCH_', '').toLowerCase()));
  const result = library.addArchitecture(context, token);
  if (result !== -EEXIST) checked(result, name); // this machine's is there from the beginning
}

function addRule(context: number, rule: SeccompRule): void {
  const action = actionOf(rule.action, rule.errnoRet);
  const values = Buffer.concat((rule.args ?? []).map(encodedArgument));
  for (const name of rule.names) {
    const call = library.resolveCall(cString(name));
    // An older library does not know the newest calls; the default action then holds for them.
    if (call === UNKNOWN_CALL) continue;
    checked(library.addRule(context, action, call, rule.args?.length ?? 0, values), name);
  }
}

/** struct scmp_arg_cmp. */
function encodedArgument({ index, value, valueTwo = 0, op }: SeccompArgument): Buffer {
  const operator = OPERATORS[op];
  if (operator === undefined) throw new TypeError(`seccomp operator "${op}" is not supported`);
  const bytes = Buffer.alloc(24);
  bytes.writeUInt32LE(index, 0);
  bytes.writeUInt32LE(operator, 4);
  bytes.writeBigUInt64LE(BigInt(value), 8);
  bytes.writeBigUInt64LE(BigInt(valueTwo), 16);
  return bytes;
}

function exported(context: number, scratch: string): Buffer {
  const fd = openSync(scratch, 'w', 0o600);
  try {
    checked(library.exportProgram(context, fd), 'export');
    return readFileSync(scratch);
  } finally {
    closeSync(fd);
    rmSync(scratch, { force: true });
  }
}

function checked(result: number, what: string): void {
  if (result < 0) throw new Error(`libseccomp refuses "${what}": error ${-result}`);
}
