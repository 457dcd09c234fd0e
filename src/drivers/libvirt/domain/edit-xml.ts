import { escapeXml } from '../xml.js';
import { metadata } from './domain-xml.js';

export interface DomainEdit {
  readonly memoryMiB?: number;
  readonly cpus?: number;
  readonly tags?: Readonly<Record<string, string>>;
}

/** The domain's description, as libvirt gave it, with other sizes or tags; all else stays as it is. */
export function editDomainXml(text: string, edit: DomainEdit, ownerTag: string): string {
  let edited = text;
  if (edit.memoryMiB !== undefined) {
    const content = `unit='MiB'>${edit.memoryMiB}<`;
    edited = edited
      .replace(/(<memory\b)[^>]*>[^<]*</, `$1 ${content}`)
      .replace(/(<currentMemory\b)[^>]*>[^<]*</, `$1 ${content}`);
  }
  if (edit.cpus !== undefined) edited = edited.replace(/<vcpu\b[^>]*>[^<]*</, `<vcpu>${edit.cpus}<`);
  if (edit.tags !== undefined) edited = withMetadata(edited, metadata(ownerTag, edit.tags).text);
  return edited;
}

export function ownerOfDomain(text: string): string | undefined {
  const owner = /<tsmachine:owner>([^<]*)<\/tsmachine:owner>/.exec(text)?.[1];
  return owner === undefined ? undefined : unescapeXml(owner);
}

/** Other programs keep theirs beside ours. */
function withMetadata(text: string, ours: string): string {
  const element = ours.replace(/^<metadata>|<\/metadata>$/g, '');
  if (/<tsmachine:machine\b/.test(text)) {
    return text.replace(/<tsmachine:machine\b[\s\S]*?<\/tsmachine:machine>/, () => element);
  }
  if (text.includes('<metadata>')) return text.replace('<metadata>', () => `<metadata>${element}`);
  return text.replace(/<memory\b/, (memory) => `${ours}\n  ${memory}`);
}

function unescapeXml(text: string): string {
  const entities = ['&', '<', '>', '"', "'"].map((character) => [escapeXml(character), character] as const);
  return text.replace(/&\w+;/g, (entity) => entities.find(([escaped]) => escaped === entity)?.[1] ?? entity);
}
