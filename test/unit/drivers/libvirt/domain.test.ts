import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { type DomainDefinition, domainXml } from '../../../../src/drivers/libvirt/domain/domain-xml.js';
import { editDomainXml, ownerOfDomain } from '../../../../src/drivers/libvirt/domain/edit-xml.js';
import { observeState } from '../../../../src/drivers/libvirt/domain/state.js';
import { volumeXml } from '../../../../src/drivers/libvirt/domain/volume-xml.js';
import { ownerOfVolume, resourceName, volumeNames } from '../../../../src/drivers/libvirt/instance.js';
import type { DomainState } from '../../../../src/drivers/libvirt/native/libvirt.js';
import { newestLease } from '../../../../src/drivers/libvirt/network.js';
import { escapeXml, xml } from '../../../../src/drivers/libvirt/xml.js';

const hostile = `a<b>&"c"'d'\u0007`;

const definition: DomainDefinition = {
  type: 'kvm',
  name: 'tsmachine-1-web-2',
  uuid: '6d6bd5d0-7f0c-4b3b-9f0a-000000000001',
  title: 'tsmachine web',
  ownerTag: 'tsmachine-1-web-2',
  tags: {},
  architecture: 'x86_64',
  memoryMiB: 2048,
  cpus: 2,
  cpuMode: 'host-passthrough',
  uefi: false,
  disks: [
    { path: '/pool/disk.qcow2', format: 'qcow2' },
    { path: '/pool/seed.iso', format: 'raw', readOnly: true },
  ],
  network: { kind: 'network', name: 'default', mac: '52:54:00:01:02:03' },
};

async function parsed(changes: Partial<DomainDefinition> = {}) {
  const text = await domainXml({ ...definition, ...changes });
  expect(XMLValidator.validate(text)).toBe(true);
  return new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseAttributeValue: false,
  }).parse(text).domain;
}

test('what users give is text in the XML and never markup', async () => {
  const domain = await parsed({
    title: hostile,
    ownerTag: hostile,
    tags: { [hostile]: hostile },
    cpuMode: hostile,
    disks: [{ path: hostile, format: 'raw' }],
    network: { kind: 'bridge', name: hostile, mac: '52:54:00:01:02:03' },
    directBoot: { kernel: hostile, args: hostile },
  });

  expect(Object.keys(domain.devices.disk)).toEqual(expect.arrayContaining(['source']));
  expect(Object.keys(domain)).not.toContain('b');
});

test('the seed is a read-only virtio disk, not a CD drive', async () => {
  const [disk, seed] = (await parsed()).devices.disk;

  expect(disk).toMatchObject({ device: 'disk', target: { dev: 'vda', bus: 'virtio' } });
  expect(seed).toMatchObject({ device: 'disk', readonly: '', target: { dev: 'vdb', bus: 'virtio' } });
});

test('a user network forwards ports of loopback and is no interface of libvirt', async () => {
  const domain = await parsed({
    network: {
      kind: 'user',
      mac: '52:54:00:01:02:03',
      forwards: [
        { from: 20_001, to: 22 },
        { from: 20_002, to: 20_002 },
      ],
    },
  });

  expect(domain.devices.interface).toBeUndefined();
  const words = domain['qemu:commandline']['qemu:arg'].map(({ value }: { value: string }) => value);
  expect(words[1]).toBe(
    'user,id=tsmachine0,hostfwd=tcp:127.0.0.1:20001-:22,hostfwd=tcp:127.0.0.1:20002-:20002',
  );
  expect(words[3]).toContain('mac=52:54:00:01:02:03');
});

test('UEFI leaves the choice of firmware to libvirt', async () => {
  expect((await parsed({ uefi: true })).os).toMatchObject({ firmware: 'efi' });
  expect((await parsed()).os.firmware).toBeUndefined();
});

test('direct boot names kernel, initial RAM disk and arguments instead of a disk', async () => {
  const { os } = await parsed({ directBoot: { kernel: '/k', initrd: '/i', args: 'console=ttyS0 quiet' } });

  expect(os).toMatchObject({ kernel: '/k', initrd: '/i', cmdline: 'console=ttyS0 quiet' });
  expect(os.boot).toBeUndefined();
});

test.each([
  ['x86_64', 'q35'],
  ['aarch64', 'virt'],
  ['s390x', undefined],
])('%s is a machine of type %s', async (architecture, machine) => {
  expect((await parsed({ architecture })).os.type.machine).toBe(machine);
});

test('editing changes sizes and tags in what libvirt gave, and nothing else', () => {
  const before = `<domain type='kvm'>
  <name>x</name>
  <metadata><other:app xmlns:other="urn:o">kept</other:app><tsmachine:machine xmlns:tsmachine="urn:tsmachine:machine:1"><tsmachine:owner>old</tsmachine:owner></tsmachine:machine></metadata>
  <memory unit='KiB'>2097152</memory>
  <currentMemory unit='KiB'>2097152</currentMemory>
  <vcpu placement='static'>2</vcpu>
  <memoryBacking/>
</domain>`;

  const after = editDomainXml(before, { memoryMiB: 512, cpus: 4, tags: { a: '$& <1>' } }, 'owner');

  expect(after).toContain("<memory unit='MiB'>512</memory>");
  expect(after).toContain("<currentMemory unit='MiB'>512</currentMemory>");
  expect(after).toContain('<vcpu>4</vcpu>');
  expect(after).toContain('<other:app xmlns:other="urn:o">kept</other:app>');
  expect(after).toContain('<tsmachine:tag name="a">$&amp; &lt;1&gt;</tsmachine:tag>');
  expect(after.match(/<tsmachine:machine/g)).toHaveLength(1);
  expect(ownerOfDomain(after)).toBe('owner');
});

test('the owner of a domain is read as it was written', async () => {
  expect(ownerOfDomain(await domainXml({ ...definition, ownerTag: 'a&b<c' }))).toBe('a&b<c');
  expect(ownerOfDomain('<domain/>')).toBeUndefined();
});

test('an overlay names its base and the base its format', () => {
  const text = volumeXml({
    name: 'a&b',
    format: 'qcow2',
    capacity: 1,
    backing: { path: '/base', format: 'raw' },
  });

  expect(text).toContain('<backingStore><path>/base</path><format type="raw"/></backingStore>');
  expect(text).toContain('<name>a&amp;b</name>');
});

test('every volume of a machine tells its owner, and shared ones tell none that is one', () => {
  const names = volumeNames('tsmachine-abc-web.1-def', 2);

  for (const name of [names.disk, names.seed, ...names.extra]) {
    expect(ownerOfVolume(name)).toBe('tsmachine-abc-web.1-def');
  }
  expect(ownerOfVolume('tsmachine-kernel-0123')).toBeUndefined();
});

test('a tag becomes a name that is safe in files', () => {
  expect(resourceName('a:b/../c d')).toBe('a-b-..-c-d');
});

test.each<[DomainState, string, boolean, string]>([
  ['running', 'booted', false, 'running'],
  ['blocked', 'unknown', false, 'running'],
  ['paused', 'user', false, 'paused'],
  ['paused', 'starting up', false, 'starting'],
  ['paused', 'unknown', false, 'error'],
  ['paused', 'I/O error', false, 'error'],
  ['paused', 'crashed', false, 'error'],
  ['shutdown', 'user', false, 'stopping'],
  ['shutoff', 'shutdown', false, 'stopped'],
  ['shutoff', 'saved', true, 'saved'],
  ['crashed', 'panicked', false, 'error'],
  ['nostate', 'unknown', false, 'unknown'],
])('a domain that is %s (%s, memory saved: %s) is %s', (state, reason, saved, expected) => {
  const seen = observeState({ state, reason }, saved);

  expect(seen.state).toBe(expected);
  expect(seen.problem !== undefined).toBe(expected === 'error');
});

test('the lease that was renewed last wins, old ones are none, IPv4 goes first', () => {
  const leases = [
    { address: '10.0.0.1', expires: 90 },
    { address: 'fd00::1', expires: 900 },
    { address: '10.0.0.3', expires: 300 },
    { address: '10.0.0.2', expires: 200 },
  ];

  expect(newestLease(leases, 100)?.address).toBe('10.0.0.3');
  expect(newestLease([{ address: '10.0.0.1', expires: 90 }], 100)).toBeUndefined();
  expect(newestLease([{ address: '10.0.0.1', expires: 0 }], 100)?.address).toBe('10.0.0.1');
});

test('xml`` escapes values and keeps markup', () => {
  expect(xml`<a b="${'<'}">${xml`<c/>`}${undefined}${[xml`<d/>`]}</a>`.text).toBe('<a b="&lt;"><c/><d/></a>');
  expect(escapeXml(hostile)).toBe('a&lt;b&gt;&amp;&quot;c&quot;&apos;d&apos;');
});
