import { type Xml, xml } from '../xml.js';

export interface VolumeDefinition {
  readonly name: string;
  readonly format: 'qcow2' | 'raw';
  readonly capacity: number;
  /** The volume whose content shows through where this one was not written to. */
  readonly backing?: { readonly path: string; readonly format: 'qcow2' | 'raw' };
}

/** https://libvirt.org/formatstorage.html#storage-volume-xml */
export function volumeXml({ name, format, capacity, backing }: VolumeDefinition): string {
  const store: Xml | undefined =
    backing &&
    xml`<backingStore><path>${backing.path}</path><format type="${backing.format}"/></backingStore>`;
  return xml`<volume><name>${name}</name><allocation>0</allocation><capacity unit="bytes">${capacity}</capacity><target><format type="${format}"/></target>${store}</volume>`
    .text;
}

/** A directory as pool, as libvirt's own tools make it. */
export function poolXml(name: string, path: string): string {
  return xml`<pool type="dir"><name>${name}</name><target><path>${path}</path></target></pool>`.text;
}
