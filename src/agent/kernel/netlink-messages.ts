/** Netlink's framing (linux/netlink.h), the same in all its families: messages in what is read, attributes in a message. */

/** Whole messages, headers included. */
export function messagesIn(datagram: Buffer): readonly Buffer[] {
  const messages: Buffer[] = [];
  for (let at = 0; at + HEADER_SIZE <= datagram.length; ) {
    const length = Math.max(datagram.readUInt32LE(at), HEADER_SIZE);
    messages.push(datagram.subarray(at, at + length));
    at += aligned(length);
  }
  return messages;
}

export function typeOf(message: Buffer): number {
  return message.readUInt16LE(4);
}

export function flagsOf(message: Buffer): number {
  return message.readUInt16LE(6);
}

/** Whole attributes, headers and padding included, by their types. */
export function attributesIn(bytes: Buffer): ReadonlyMap<number, Buffer> {
  const attributes = new Map<number, Buffer>();
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = Math.max(bytes.readUInt16LE(at), 4);
    attributes.set(bytes.readUInt16LE(at + 2) & 0x3fff, padded(bytes.subarray(at, at + length)));
    at += aligned(length);
  }
  return attributes;
}

/** Empty for an attribute that is not there. */
export function contentOf(attribute: Buffer | undefined): Buffer {
  return attribute ? attribute.subarray(4, attribute.readUInt16LE(0)) : Buffer.alloc(0);
}

/** Of an attribute that is a name: up to the byte that ends it. */
export function nameIn(attribute: Buffer | undefined): string {
  const content = contentOf(attribute);
  const end = content.indexOf(0);
  return content.toString('utf8', 0, end < 0 ? content.length : end);
}

export const HEADER_SIZE = 16;

function padded(attribute: Buffer): Buffer {
  const missing = aligned(attribute.length) - attribute.length;
  return missing === 0 ? attribute : Buffer.concat([attribute, Buffer.alloc(missing)]);
}

function aligned(length: number): number {
  return (length + 3) & ~3;
}
