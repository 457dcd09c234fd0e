import { accelFacts, chooseAccel, type LocalHost } from '../../../../src/drivers/libvirt/accel.js';
import { silentReporter } from '../../../../src/shared/reporter.js';

const good: LocalHost = {
  cpuinfo: async () => 'processor : 0\nflags\t\t: fpu vmx sse\n',
  hasDevice: async () => true,
  architecture: 'x64',
};
const offers = async () => true;

test('KVM is taken where device, processor and libvirt agree', async () => {
  expect(await accelFacts('qemu:///system', offers, good)).toEqual({ obstacle: undefined });
});

test.each([
  ['no device', { ...good, hasDevice: async () => false }, offers, /\/dev\/kvm/],
  ['a processor without vmx and svm', { ...good, cpuinfo: async () => 'flags : fpu vmxx' }, offers, /vmx/],
  ['a libvirt that does not offer it', good, async () => false, /libvirt/],
])('with %s there is an obstacle', async (_, host, libvirt, words) => {
  expect((await accelFacts('qemu:///system', libvirt, host)).obstacle).toMatch(words);
});

test('of another host only libvirt is asked', async () => {
  const host = { ...good, hasDevice: async () => false };

  expect(await accelFacts('qemu+ssh://host/system', offers, host)).toEqual({ obstacle: undefined });
});

test('other processors than x86 have no such flags', async () => {
  const host = { ...good, architecture: 'arm64', cpuinfo: async () => 'Features : fp asimd' };

  expect(await accelFacts('qemu:///system', offers, host)).toEqual({ obstacle: undefined });
});

test('auto falls back to emulation with a warning', () => {
  const warnings: string[] = [];
  const reporter = { ...silentReporter, warn: (text: string) => void warnings.push(text) };

  expect(chooseAccel('auto', { obstacle: 'no vmx' }, reporter)).toBe('qemu');
  expect(warnings).toEqual([expect.stringContaining('no vmx')]);
});

test('kvm is never replaced by emulation', () => {
  expect(() => chooseAccel('kvm', { obstacle: 'no vmx' }, silentReporter)).toThrow(
    /--libvirt-accel kvm.*no vmx/,
  );
});

test('tcg emulates although KVM is there', () => {
  expect(chooseAccel('tcg', { obstacle: undefined }, silentReporter)).toBe('qemu');
});
