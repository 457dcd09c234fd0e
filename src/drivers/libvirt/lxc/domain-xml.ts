import { renderTemplate } from '../../../shared/template.js';
import { metadata } from '../domain/domain-xml.js';
import type { LibvirtInstance } from '../instance.js';
import { escapeXml, xml } from '../xml.js';
import { ownDirectory } from './root-file-system.js';

/** https://libvirt.org/formatdomain.html#container-boot */
export async function containerXml(
  instance: LibvirtInstance,
  { title, root, init }: { readonly title: string; readonly root: string; readonly init: string | undefined },
): Promise<string> {
  const { network } = instance;
  const words = ['sh', `${ownDirectory}/init.sh`, ...(init === undefined ? [] : [init])];
  return renderTemplate('lxc/domain.xml', {
    name: escapeXml(instance.domain),
    uuid: escapeXml(instance.uuid),
    title: escapeXml(title),
    metadata: metadata(instance.ownerTag, instance.tags).text,
    memoryMiB: String(instance.memoryMiB),
    cpus: String(instance.cpus),
    init: `${ownDirectory}/busybox`,
    arguments: words.map((word) => xml`<initarg>${word}</initarg>`.text).join(''),
    root: escapeXml(root),
    network: network.kind === 'user' ? '' : networkXml(network.kind, network.name, network.mac),
  });
}

function networkXml(kind: 'network' | 'bridge', name: string, mac: string): string {
  const source = kind === 'network' ? xml`<source network="${name}"/>` : xml`<source bridge="${name}"/>`;
  return xml`<interface type="${kind}"><mac address="${mac}"/>${source}<guest dev="eth0"/></interface>`.text;
}
