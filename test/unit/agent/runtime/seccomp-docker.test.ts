import {
  parseSeccompProfile,
  type SeccompHost,
  seccompFromDocker,
} from '../../../../src/agent/runtime/spec/seccomp-docker.js';

const host: SeccompHost = {
  architecture: 'x64',
  kernelRelease: '5.10.0-8-amd64',
  capabilities: new Set(['CAP_SYS_ADMIN']),
};

const profile = (syscalls: readonly object[], rest: object = {}) =>
  parseSeccompProfile(JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO', syscalls, ...rest }));

const names = (syscalls: readonly object[]) =>
  seccompFromDocker(profile(syscalls), host).syscalls.flatMap((rule) => rule.names);

test('a profile is taken as it is: actions, arguments, architectures and their companions', () => {
  const given = profile(
    [
      {
        names: ['clone'],
        action: 'SCMP_ACT_ALLOW',
        args: [{ index: 0, value: 2, valueTwo: 0, op: 'SCMP_CMP_EQ' }],
      },
      { name: 'mkdir', action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
    ],
    {
      defaultErrnoRet: 1,
      archMap: [
        { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] },
        { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] },
      ],
    },
  );

  expect(seccompFromDocker(given, host)).toEqual({
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: 1,
    architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
    syscalls: [
      {
        names: ['clone'],
        action: 'SCMP_ACT_ALLOW',
        args: [{ index: 0, value: 2, valueTwo: 0, op: 'SCMP_CMP_EQ' }],
      },
      { names: ['mkdir'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
    ],
  });
});

test('a rule holds only for the capabilities, architectures and kernels that it names', () => {
  const rule = (name: string, conditions: object) => ({
    names: [name],
    action: 'SCMP_ACT_ALLOW',
    ...conditions,
  });

  expect(
    names([
      rule('with-cap', { includes: { caps: ['CAP_SYS_ADMIN'] } }),
      rule('without-cap', { includes: { caps: ['CAP_BPF'] } }),
      rule('excluded-cap', { excludes: { caps: ['CAP_SYS_ADMIN'] } }),
      rule('this-arch', { includes: { arches: ['amd64', 'x32'] } }),
      rule('other-arch', { includes: { arches: ['arm64'] } }),
      rule('excluded-arch', { excludes: { arches: ['amd64'] } }),
      rule('old-kernel', { includes: { minKernel: '4.8' } }),
      rule('this-kernel', { includes: { minKernel: '5.10' } }),
      rule('newer-kernel', { includes: { minKernel: '5.11' } }),
    ]),
  ).toEqual(['with-cap', 'this-arch', 'old-kernel', 'this-kernel']);
});

test.each([
  ['{', /JSON/],
  ['{}', /no defaultAction/],
  ['{"defaultAction": 1}', /cannot unmarshal number/],
  ['{"defaultAction": "A", "architectures": ["x"], "archMap": [{}]}', /use either/],
  ['{"defaultAction": "A", "syscalls": [{"name": "a", "names": ["b"]}]}', /use either/],
])('%s is refused as a profile', (json, message) => {
  expect(() => parseSeccompProfile(json)).toThrow(message);
});
