import { renderTemplate } from '../../../shared/template.js';
import { escapeXml, type Xml, xml } from '../xml.js';

/** Namespace of what we write into a domain's metadata. */
export const metadataNamespace = 'urn:tsmachine:machine:1';

export interface DomainDisk {
  /** Path on the libvirt host. */
  readonly path: string;
  readonly format: 'qcow2' | 'raw';
  readonly readOnly?: boolean;
}

export type DomainNetwork =
  | {
      readonly kind: 'network' | 'bridge';
      readonly name: string;
      /** Empty where somebody else made the domain: then it is looked up in its description. */
      readonly mac: string;
    }
  | UserNetwork;

export type UserNetwork = {
  readonly kind: 'user';
  readonly mac: string;
  /** Ports of the libvirt host's loopback that lead into the guest. */
  readonly forwards: readonly { readonly from: number; readonly to: number }[];
};

export interface DomainDefinition {
  /** kvm, qemu (emulation), test. */
  readonly type: string;
  readonly name: string;
  readonly uuid: string;
  readonly title: string;
  readonly ownerTag: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly architecture: string;
  readonly memoryMiB: number;
  readonly cpus: number;
  /** host-passthrough, host-model, maximum or a model's name. */
  readonly cpuMode: string;
  readonly uefi: boolean;
  readonly directBoot?: { readonly kernel: string; readonly initrd?: string; readonly args: string };
  readonly disks: readonly DomainDisk[];
  readonly cacheMode?: string;
  readonly ioMode?: string;
  readonly network: DomainNetwork;
}

/** https://libvirt.org/formatdomain.html */
export async function domainXml(domain: DomainDefinition): Promise<string> {
  return renderTemplate('libvirt/domain.xml', {
    type: escapeXml(domain.type),
    name: escapeXml(domain.name),
    uuid: escapeXml(domain.uuid),
    title: escapeXml(domain.title),
    metadata: metadata(domain.ownerTag, domain.tags).text,
    memoryMiB: String(domain.memoryMiB),
    cpus: String(domain.cpus),
    os: os(domain).text,
    features: features(domain.architecture).text,
    cpu: cpu(domain.cpuMode).text,
    disks: domain.disks.map((disk, index) => diskXml(domain, disk, index).text).join('\n    '),
    network: network(domain.network).text,
    hypervisorArguments: hypervisorArguments(domain).text,
  });
}

export function metadata(ownerTag: string, tags: Readonly<Record<string, string>>): Xml {
  const pairs = Object.entries(tags).map(
    ([name, value]) => xml`<tsmachine:tag name="${name}">${value}</tsmachine:tag>`,
  );
  return xml`<metadata><tsmachine:machine xmlns:tsmachine="${metadataNamespace}"><tsmachine:owner>${ownerTag}</tsmachine:owner>${pairs}</tsmachine:machine></metadata>`;
}

function os({ architecture, uefi, directBoot }: DomainDefinition): Xml {
  const machine = machines.get(architecture);
  const boot = directBoot
    ? xml`<kernel>${directBoot.kernel}</kernel>${directBoot.initrd && xml`<initrd>${directBoot.initrd}</initrd>`}<cmdline>${directBoot.args}</cmdline>`
    : xml`<boot dev="hd"/>`;
  const type = xml`<type arch="${architecture}"${machine && xml` machine="${machine}"`}>hvm</type>`;
  return xml`<os${uefi ? xml` firmware="efi"` : undefined}>${type}${boot}</os>`;
}

const machines = new Map([
  ['x86_64', 'q35'],
  ['aarch64', 'virt'],
]);

function features(architecture: string): Xml {
  return architecture === 'x86_64' || architecture === 'i686'
    ? xml`<features><acpi/><apic/></features>`
    : xml`<features><acpi/></features>`;
}

function cpu(mode: string): Xml {
  if (['host-passthrough', 'host-model', 'maximum'].includes(mode)) return xml`<cpu mode="${mode}"/>`;
  return xml`<cpu mode="custom" match="exact"><model fallback="forbid">${mode}</model></cpu>`;
}

/** virtio for all, the seed too: kernels made for clouds have no driver for a CD drive. */
function diskXml(domain: DomainDefinition, disk: DomainDisk, index: number): Xml {
  const device = `vd${String.fromCharCode('a'.charCodeAt(0) + index)}`;
  const cache = domain.cacheMode && xml` cache="${domain.cacheMode}"`;
  const io = domain.ioMode && xml` io="${domain.ioMode}"`;
  const discard = disk.readOnly ? undefined : xml` discard="unmap"`;
  return xml`<disk type="file" device="disk"><driver name="qemu" type="${disk.format}"${cache}${io}${discard}/><source file="${disk.path}"/><target dev="${device}" bus="virtio"/>${disk.readOnly ? xml`<readonly/>` : undefined}</disk>`;
}

function network(choice: DomainNetwork): Xml {
  if (choice.kind === 'user') return xml``;
  const source =
    choice.kind === 'network'
      ? xml`<source network="${choice.name}"/>`
      : xml`<source bridge="${choice.name}"/>`;
  return xml`<interface type="${choice.kind}"><mac address="${choice.mac}"/>${source}<model type="virtio"/></interface>`;
}

/**
 * libvirt forwards ports only with passt, which few hosts have; QEMU can do it itself. The slot is one that libvirt
 * gives to nothing else on the machine types above.
 */
function hypervisorArguments({ network: choice }: DomainDefinition): Xml {
  if (choice.kind !== 'user') return xml``;
  const words = [
    ...['-netdev', userNetwork(choice)],
    ...['-device', `virtio-net-pci,netdev=tsmachine0,mac=${choice.mac},addr=0x1c`],
  ];
  return xml`<qemu:commandline>${words.map((word) => xml`<qemu:arg value="${word}"/>`)}</qemu:commandline>`;
}

/** The word that follows QEMU's -netdev. */
export function userNetwork({ forwards }: UserNetwork): string {
  const words = forwards.map(({ from, to }) => `,hostfwd=tcp:127.0.0.1:${from}-:${to}`);
  return `user,id=tsmachine0${words.join('')}`;
}
